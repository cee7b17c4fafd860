# What is shown while a tool runs (step-<the tool's name>); $what: what the call is about, or none
step-search-contacts = { $what ->
    [none] Searching for contacts
   *[other] Searching for { $what }
 }
step-get-contact = { $what ->
    [none] Looking up a contact
   *[other] Looking up { $what }
 }
step-create-contact = Preparing a new contact and looking for duplicates
step-update-contact = { $what ->
    [none] Preparing the change
   *[other] Finding { $what } and preparing the change
 }
step-undo-change = Finding the change
step-list-changes = Looking up what was changed
