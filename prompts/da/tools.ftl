# Hvad der sker, mens et værktøj arbejder (step-<værktøjets navn>); $what: hvad det handler om, eller none
step-search-contacts = { $what ->
    [none] Søger efter kontakter
   *[other] Søger efter { $what }
 }
step-get-contact = { $what ->
    [none] Slår en kontakt op
   *[other] Slår { $what } op
 }
step-create-contact = Forbereder en ny kontakt og leder efter dubletter
step-update-contact = { $what ->
    [none] Forbereder ændringen
   *[other] Finder { $what } og forbereder ændringen
 }
step-undo-change = Finder ændringen
step-list-changes = Ser efter, hvad der er ændret
