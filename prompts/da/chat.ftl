# Velkomst og knapper
greeting =
    Hej! Jeg hjælper dig med **kontakterne i HubSpot**.

    Tryk på en knap, eller skriv med dine egne ord, på dansk eller engelsk. Jeg kan finde, oprette og opdatere kontakter, og jeg skriver intet i HubSpot, før du har godkendt det.
greeting-read-only =
    Hej! Jeg hjælper dig med **kontakterne i HubSpot**.

    Skriv et navn, en e-mail, et telefonnummer eller et firma, så finder jeg kontakten. Assistenten er sat til kun at læse: her oprettes og ændres intet.
button-search = Søg efter kontakt
button-create = Opret ny kontakt
button-update = Opdater kontakt
button-more = Vis flere
guide-search = Fint, vi søger efter en kontakt. Skriv et navn, en e-mail, et telefonnummer eller et firma, eller fx »kunder i Aarhus«.
guide-create = Fint, vi opretter en ny kontakt. Skriv det, du ved: navn, e-mail, telefon, firma og stilling. Jeg skal mindst bruge en e-mail eller et navn.
guide-update = Fint, vi opdaterer en kontakt. Skriv, hvem det er, og hvad der skal ændres, fx »Mette Hansen, telefon 22 33 44 55«.
guide-select = Du har valgt { $name }. Skriv, hvad du vil vide eller ændre.
guide-select-gone = Den kontakt kan jeg ikke finde længere. Søg efter den igen.
guide-unknown = Den knap kender jeg ikke. Skriv, om du vil søge efter, oprette eller opdatere en kontakt.

# Turen gennem en samtale
message-empty = Jeg fik ingen tekst. Skriv fx et navn, en e-mail eller et telefonnummer.
message-broken = Et tegn i din besked kan ikke læses, så jeg ved ikke, hvad du mener. Skriv den igen.
message-too-long = Beskeden er på { $length } tegn, og jeg kan højst læse { $limit } ad gangen. Intet er sendt videre eller gemt i HubSpot. Del den op, og send den igen.
too-many-steps = Jeg stoppede her, fordi det krævede for mange trin. Intet er skrevet i HubSpot. Prøv at bede om én ting ad gangen.
model-down = Sprogmodellen svarer ikke lige nu, så jeg svarer med den enkle, regelbaserede model indtil videre.
model-slow = Sprogmodellen nåede ikke at svare i tide, så jeg svarer med den enkle, regelbaserede model denne gang.
model-cut = Sprogmodellens svar blev for langt og blev afbrudt, så jeg svarer med den enkle, regelbaserede model denne gang.
model-malformed = Sprogmodellen svarede med noget, der ikke kunne læses, så jeg svarer med den enkle, regelbaserede model denne gang.
model-silent = Sprogmodellen gav intet svar på det, så jeg svarer med den enkle, regelbaserede model denne gang.
model-cut-short = *(Svaret stopper her, fordi det blev for langt for sprogmodellen.)*
model-spent = Dagens forbrug af sprogmodellen er brugt op for dig, så jeg svarer med den enkle, regelbaserede model resten af dagen.
model-claims = Dette svar har ikke ændret noget i HubSpot:
tool-unknown = Det kan jeg ikke.
tool-bad-arguments = Kaldet af { $tool } er afvist, og intet er skrevet. Fejl: { $problems }. Kald det igen sådan: { $form }
tool-malformed = Dit seneste kald af et værktøj kunne ikke læses. Kald værktøjet igen med gyldig JSON, eller svar brugeren.
tool-too-many = For meget på én gang. Resten er afvist; bed om det bagefter.
read-only = Assistenten er sat til kun at læse, så jeg kan ikke oprette eller ændre kontakter her.
unexpected = Noget gik galt hos mig, og intet er skrevet i HubSpot. Prøv igen.

# Det, der sker, mens der arbejdes
step-apply = Gemmer i HubSpot og kontrollerer

# Lister og detaljer
list-open = åbn
list-more = Viser { $first }–{ $last } af { $total }. Skriv »vis flere« for de næste.
list-end = Viser { $first }–{ $last } af { $total }.
record-open = Åbn i HubSpot
empty-value = (tom)

# Kortet
card-create = Ny kontakt: { $name }
card-update = Ændring af { $name }
card-full = Et kort tager højst { $most } ændringer. Bed om resten bagefter: { $names }.
card-unused = Hører ikke til noget felt.
card-withdrawn = Det forrige kort er lagt væk, og intet er skrevet endnu.
card-unreadable = Kortet, der ventede, er fra en anden version af assistenten og kan ikke læses længere. Det er lagt væk, og intet er skrevet. Bed om ændringen igen.
card-unreadable-decided = Kortet, der var besvaret, er fra en anden version af assistenten og kan ikke læses længere. Jeg kan ikke bekræfte, om det blev gemt. Se efter i HubSpot, før du prøver igen.
conversation-unreadable = Denne samtale er begyndt med en anden version af assistenten. Listen og det, vi var i gang med, er sat til side, og intet er skrevet.
card-acknowledge-twins = Der findes måske allerede en kontakt for samme person: { $twins }. Et »ja« er ikke nok her: vælg »Opret alligevel«, hvis det er en anden person, eller brug den kontakt, der findes.
card-acknowledge-unknown = Disse værdier har du ikke selv skrevet: { $labels }. Et »ja« er ikke nok her: se på kortet, og brug dets knap, hvis de er rigtige.
card-bad-default = Standardværdien »{ $entry }« passer ikke til HubSpot og er udeladt. Bed den, der driver assistenten, om at køre make doctor.
card-unknown = »{ $label }« står ikke i det, du har skrevet. Kontrollér værdien.
twin-same-phone = samme telefonnummer
twin-same-name = samme navn
twin-same-email = samme e-mail
twin-similar-name = navn, der ligner
twin-same-email-name = samme navn i e-mailen
twin-similar-email = e-mail, der ligner
twin-same-company = samme firma
twin-same-city = samme by
twin-same-birthday = samme fødselsdag
twin-similar-birthday = fødselsdag, der ligner

# Hvad der skete
done-create = Kontakten { $name } er oprettet.
done-update = { $name } er opdateret:
done-change = { $label } er nu { $after } (før { $before })
done-partly = HubSpot sagde ja, men disse felter blev ikke ændret hos { $name }: { $labels }. Se på kontakten, og prøv et andet felt eller en anden værdi.
done-stale = { $name } er blevet ændret, siden du så kortet, så intet er skrevet. Her er det, som det ser ud nu.
done-stale-create = En kontakt, der ligner, er dukket op, siden du så kortet, så intet er oprettet. Her er det, som det ser ud nu.
done-gone = { $name } findes ikke længere i HubSpot, så intet er skrevet.
done-then-gone = { $name } er ændret, som du godkendte, men findes ikke længere i HubSpot: nogen har fjernet kontakten lige efter.
done-perhaps-gone = { $name } findes ikke længere i HubSpot. Jeg kan ikke bekræfte, om forslaget nåede at blive skrevet før det.
done-already-so = { $name } ser allerede sådan ud, så der var intet at skrive.
done-unknown = Jeg kan ikke bekræfte, om forslaget om { $name } blev gemt. Se efter i HubSpot, før du prøver igen.
done-refused = HubSpot afviste forslaget om { $name }, så intet er skrevet. { $why }
done-unavailable = Forslaget om { $name } er ikke skrevet. { $why }
done-rejected = Forslaget om { $name } er annulleret, og intet er skrevet.

button-undo = Fortryd
card-undo = Fortryd ændringen af { $name }
card-undo-create = Fortryd oprettelsen af { $name }: kontakten arkiveres
card-undo-kept = »{ $label }« er ændret siden og bliver stående.
card-undo-taken = »{ $label }« bliver stående, for den gamle værdi tilhører en anden kontakt nu.
card-of-another = Kortet her venter på en anden bruger. Kun den bruger kan svare på det.
card-of-another-conversation = Det kort hører til en anden samtale og kan kun besvares der. Der er ikke ændret noget nu.
card-old = Det kort er lagt væk og gælder ikke længere, så der er ikke ændret noget nu. Bed om ændringen igen, hvis du stadig vil have den.
card-used = Det kort er allerede behandlet, måske i en anden fane, så der er ikke ændret noget nu.
card-none = Det kort kender jeg ikke, så der er ikke ændret noget.
card-answer-wrong = Svaret passer ikke til kortet, så der er ikke ændret noget. Kortet venter stadig.
card-not-shown = Det kort, der venter, er måske et andet end det, du har foran dig, så intet er besluttet. Her er det: se det igennem, og svar igen.
card-asks = Et »ja« kan betyde flere ting her, så intet er besluttet. Skal jeg gøre det, der står på kortet?
card-as-before = Kortet er som før, og intet af det er skrevet.
card-unseen = På kortet står der nu noget, som du ikke har set, så intet af det er skrevet. Se det igennem, og godkend igen.
done-archived = Oprettelsen af { $name } er fortrudt: kontakten er arkiveret. I HubSpot kan den gendannes i 90 dage.
done-overwritten = I samme øjeblik havde en anden skrevet »{ $value }« i { $label }. Det blev overskrevet: skriv »fortryd«, hvis det skal tilbage.
done-archived-late = Lige inden havde en anden skrevet »{ $value }« i { $label }. Det ligger i den arkiverede kontakt, og kommer med, hvis den gendannes i HubSpot.
attached-notes = noter
attached-tasks = opgaver
attached-num_notes = aktiviteter
attached-num_associated_deals = handler
done-undo = Ændringen af { $name } er fortrudt:
done-replaced = Lige efter skrev en anden »{ $value }« i { $label }, så det er det, der står nu.
changes-none = Jeg har ikke ændret noget for dig i den periode.
changes-erased = { $count ->
    [one] Værdierne i en ændring er slettet, så den kan jeg ikke længere vise.
   *[other] Værdierne i { $count } ændringer er slettet, så dem kan jeg ikke længere vise.
 }
changes-partly-undone = (delvist fortrudt)
changes-unsure = Om forslaget om { $names } ved jeg endnu ikke, om det blev gemt. Se efter i HubSpot.
changes-create = kl. { $time }: oprettede { $name }
changes-update = kl. { $time }: ændrede { $name }
changes-undo = kl. { $time }: fortrød en ændring af { $name }
changes-undo-create = kl. { $time }: fortrød oprettelsen af { $name }
changes-row = { $label }: { $before } → { $after }
changes-undone = (fortrudt)
changes-day = **{ $day }-{ $month }-{ $year }**
changes-more = De seneste { $shown } af { $total } ændringer:
