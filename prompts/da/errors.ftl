error-crm-unreachable = Jeg kan ikke få forbindelse til HubSpot lige nu. Intet er gået tabt: prøv igen om lidt.
error-crm-down = HubSpot svarer ikke, som det skal, lige nu. Intet er gået tabt: prøv igen om lidt.
error-crm-rate-limited = HubSpot beder om en pause, fordi der er spurgt for meget på kort tid. Vent nogle sekunder, og prøv igen.
error-create-still-open = { $name } er måske lige blevet oprettet: HubSpot har ikke bekræftet det endnu. Vent et minut, og godkend igen, så ser jeg efter først.
error-undo-open = Jeg ved endnu ikke, om den seneste ændring af { $name } blev skrevet: HubSpot har ikke bekræftet det. Vent et halvt minut, og bed om det igen.
error-write-cut-off = Den blev afbrudt undervejs, og HubSpot viser den ikke. Godkend igen, hvis den stadig skal laves.
error-crm-daily-limit = Dagens kald til HubSpot er brugt op. Prøv igen i morgen, eller bed den, der driver assistenten, om at hæve grænsen.
error-crm-locked = HubSpot er stadig i gang med den kontakt. Vent nogle sekunder, og prøv igen.
error-crm-migrating = HubSpot er ved at flytte kontoen til et andet datacenter. Prøv igen senere: det kan tage op til et døgn.
error-crm-bad-token = HubSpot afviser adgangsnøglen. Bed den, der driver assistenten, om at kontrollere HUBSPOT_ACCESS_TOKEN.
error-crm-missing-scope = Adgangsnøglen til HubSpot mangler { $scopes ->
    [none] en rettighed
   *[other] en rettighed: { $scopes }
 }. Bed den, der driver assistenten, om at give den.
error-crm-refused = HubSpot afviste det. Prøv at formulere det anderledes.
error-record-gone = Den kontakt findes ikke længere i HubSpot. Søg efter den igen.
error-email-taken = Den e-mail tilhører allerede en anden kontakt. Søg på e-mailen for at se hvem.
error-crm-invalid = HubSpot accepterer ikke { $property ->
    [none] en af værdierne
   *[other] værdien for feltet { $property }
 } ({ $reason }). Hvad skal der stå i stedet?
error-contact-not-found = Jeg fandt ingen kontakt for »{ $ref }«. Skal jeg oprette den, eller vil du søge på noget andet?
error-contact-similar = Jeg fandt ingen kontakt, der hedder »{ $ref }«. Mener du en af disse? Skriv nummeret.
error-contact-ambiguous = Der er flere kontakter for »{ $ref }«. Hvilken mener du? Skriv nummeret.
error-contact-exists = Der findes allerede en kontakt med den e-mail: { $name }. Skal jeg opdatere den i stedet?
error-no-criteria = Hvem eller hvad skal jeg søge efter? Skriv et navn, en e-mail, et telefonnummer eller et firma.
error-empty-filter = Hvad skal der stå under { $property }? Skriv en værdi, eller skriv »uden«, hvis feltet skal være tomt.
error-too-many-filters = Det er flere betingelser, end HubSpot tager på én gang. Søg med nogle færre.
error-owner-of-user = Hvem er du blandt ejerne i HubSpot? Skriv dit navn eller din e-mail, så husker jeg det i denne samtale.
error-identity-missing = For at oprette en kontakt skal jeg mindst bruge en e-mail eller et navn. Hvad er det?
error-no-values = Hvad skal ændres hos { $name }?
error-nothing-to-change = { $name } har allerede de oplysninger, så der er intet at ændre.
error-which-phone = { $name } har { $other } { $number }, men ingen { $asked }. Mener du { $asked } eller { $other }?
error-invalid-email = »{ $value }« er ikke en gyldig e-mail. Hvad er den rigtige?
error-invalid-phone = »{ $value }« er ikke et gyldigt telefonnummer. Hvad er det rigtige? Brug landekode for numre i udlandet, fx +46.
error-invalid-value = »{ $value }« passer ikke i feltet { $property }. Hvad skal der stå?
error-invalid-date = »{ $value }« er ikke en dato, jeg kan bruge i feltet { $property }. Skriv den fx som 24-12-2026 eller 24. december 2026.
error-ambiguous-value = »{ $value }« kan betyde flere ting i feltet { $property }: { $options }. Hvilken mener du?
error-owners-unknown = Jeg kan ikke læse, hvem der er ejere i HubSpot, så jeg ved ikke, hvem »{ $value }« er. Bed den, der driver assistenten, om at køre make doctor.
error-invalid-option = »{ $value }« er ikke en mulighed i feltet { $property }. Vælg en af disse: { $options }.
error-unknown-property = Jeg kender ikke feltet »{ $name }«.{ $nearest ->
    [none] {" "}Hvad hedder det i HubSpot?
   *[other] {" "}Mener du { $nearest }?
 }
error-read-only-property = Feltet { $property } { $reason ->
    [calculated] beregnes af HubSpot og kan ikke ændres
    [marketing] kan kun ændres i HubSpot selv, fordi der betales for marketingkontakter
   *[other] sættes af HubSpot og kan ikke ændres herfra
 }. Er der et andet felt, jeg skal ændre?

error-undo-unknown = Jeg har ingen ændring at fortryde i denne samtale. Skriv »hvad har du ændret i dag?« for at se, hvad jeg har skrevet, og så »fortryd ændringen af« og navnet.
error-undo-not-found = Jeg finder ingen ændring af »{ $name }«, som jeg har skrevet for dig. Skriv »hvad har du ændret i dag?« for at se dem, og så »fortryd ændringen af« og navnet.
error-undo-erased = Den ændring kan jeg ikke længere fortryde: værdierne fra dengang er slettet, som reglerne for opbevaring siger. Ret kontakten med en ny ændring.
error-undo-done = Det med { $name } er allerede fortrudt.
error-undo-gone = { $name } findes ikke længere i HubSpot, så den ændring kan jeg ikke fortryde. En tidligere ændring fortryder du med »fortryd ændringen af« og navnet.
error-undo-impossible = { $name } er arkiveret, og det kan jeg ikke fortryde. En kontakt gendannes i HubSpot under Kontakter → Handlinger → Gendan poster, inden 90 dage.
error-undo-touched = { $name } er ændret siden ({ $properties }), så jeg fortryder ikke noget. Har jeg selv skrevet det for dig, så fortryd den ændring først; ellers ret kontakten i HubSpot, hvis noget skal tilbage. En anden ændring fortryder du med »fortryd ændringen af« og navnet.
error-undo-merged = { $name } er siden slået sammen med en anden kontakt, og det kan HubSpot ikke tage tilbage, så jeg fortryder ikke noget. Ret kontakten i stedet.
error-store-failed = Det, jeg gemmer på denne maskine, kan ikke læses eller skrives, så jeg er stoppet. Bed den, der driver assistenten, om at køre make doctor. Var noget lige blevet godkendt, så spørg mig igen bagefter: jeg ser efter i HubSpot først og skriver intet to gange.
error-store-full = Disken på den maskine, jeg kører på, er fuld, så jeg er stoppet. Bed den, der driver assistenten, om at skaffe plads. Var noget lige blevet godkendt, så spørg mig igen bagefter: jeg ser efter i HubSpot først og skriver intet to gange.
error-store-broken = En fil, som jeg gemmer på denne maskine, er beskadiget, så jeg er stoppet. Bed den, der driver assistenten, om at køre make doctor. Var noget lige blevet godkendt, så spørg mig igen bagefter: jeg ser efter i HubSpot først og skriver intet to gange.
error-store-busy = Et andet program bruger en fil, som jeg skal bruge på denne maskine, så jeg er stoppet. Vent et minut, og prøv igen. Var noget lige blevet godkendt, ser jeg efter i HubSpot først og skriver intet to gange.
error-too-many-changes = Du har nået grænsen på { $limit } ændringer i timen. Vent lidt, og prøv igen.
