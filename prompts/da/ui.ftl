# Sætninger, som webchatten selv siger: knapper, kort og fejl.

ui-card-intro = Se venligst dette igennem. Intet gemmes i HubSpot, før du godkender.
ui-card-field = Felt
ui-card-before = Før
ui-card-after = Efter
ui-card-value = Værdi
ui-card-empty = –
ui-card-default = (standard)
ui-card-source = Kilde
ui-source-user = dine ord
ui-source-record = HubSpot
ui-source-default = opsætningen
ui-source-unknown = ikke fra dig
ui-card-twins = Findes måske allerede
ui-card-unused = Ikke brugt
ui-card-open = Åbn i HubSpot

ui-approve = Godkend
ui-approve-unknown = Godkend også det, du ikke har skrevet: { $labels }
ui-approve-twins = Godkend alligevel, trods mulige dubletter
ui-create-anyway = Opret alligevel
ui-create-anyway-unknown = Opret alligevel, også det, du ikke har skrevet: { $labels }
ui-edit = Ret
ui-cancel = Annullér
ui-use = Brug { $name }
ui-undo = Fortryd: { $name }

ui-card-approved = ✓ Godkendt
ui-card-cancelled = ✕ Annulleret
ui-card-replaced = ↻ Erstattet af et nyt kort
ui-card-void = ✕ Gælder ikke længere
ui-deleted = Samtalen er slettet, måske i en anden fane, og der er ikke skrevet noget. Begynd en ny.
ui-card-aside = ↻ Lagt væk
ui-card-answered = ✓ Besvaret i chatten

ui-edit-prompt = Hvad skal ændres? Skriv det med dine egne ord, for eksempel »telefonen er 22 33 44 55«.
ui-list-gone = Den liste er ikke længere aktuel. Søg igen for at se den nyeste.
ui-no-files = Filer kan ikke vedhæftes her. Kopiér teksten, og sæt den ind i beskeden.
ui-stopped = Stoppet.
ui-error = Der gik noget galt hos os, og det er skrevet i loggen som { $reference }. Prøv igen. Hvis det sker igen, så opgiv nummeret til den, der driver assistenten.

ui-serving = Kontaktassistenten er klar: { $url }
ui-host-refused = Kan ikke starte på { $host }: uden login svarer assistenten kun på denne maskine (127.0.0.1, ::1 eller localhost).
ui-door-token = Denne chat hører til en anden konto på maskinen, eller maskinen kan ikke se, hvem du er. Åbn den adresse, der blev skrevet, da assistenten startede (den med »token=«).
ui-door-closed = Denne chat hører til en anden konto på maskinen, og kun den konto kan bruge den.
ui-port-taken = Port { $port } er optaget på { $host }. Vælg en anden med --port.
moved-aside = En tidligere version gemte sine samtaler, sin ændringsbog og sit revisionsspor i en anden form. De ligger nu i { $folder } og læses ikke længere; mappen slettes efter ASSISTANT_RETENTION_DAYS.
