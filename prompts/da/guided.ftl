# What the guided model says.

guided-greeting = Hej! Jeg kan finde, oprette og rette kontakter. Hvad kan jeg hjælpe med?
guided-thanks = Selv tak! Sig til, hvis der er mere.
guided-bye = Farvel, og god dag!
guided-help =
    Jeg kan tre ting med jeres kontakter:
    • Finde: »find Mette Hansen« eller »vis kunder i Aarhus«
    • Oprette: »opret Mette Hansen, mette@firma.dk, 22 33 44 55«
    • Rette: »ret Mettes telefon til 22 33 44 55«
    Intet bliver gemt, før du har godkendt det, og det kan tages tilbage: skriv »fortryd«.
guided-help-read-only = Assistenten er sat til kun at læse. Skriv for eksempel »find Mette Hansen« eller »vis kunder i Aarhus«.
guided-no-delete = Jeg kan desværre ikke slette kontakter. Det gør du i HubSpot. Jeg kan finde, oprette og rette dem.
guided-out-of-scope = Det kan jeg desværre ikke hjælpe med. Jeg kan finde, oprette og rette kontakter. Hvad skal det være?
guided-contacts-only = Jeg arbejder kun med kontakter, altså personer. Hvilken person vil du oprette?
guided-unclear = Det forstod jeg ikke helt. Vil du finde, oprette eller rette en kontakt?
guided-unclear-read-only = Det forstod jeg ikke helt. Hvem vil du finde?
guided-wait = Helt i orden. Sig til, når du er klar.
guided-again = Hvad skal jeg prøve igen?
guided-changes-shown = Skal noget tilbage, så skriv »fortryd«, eller »fortryd ændringen af« og et navn.
guided-condition = Det kan jeg ikke afgøre for dig. Skriv navn eller e-mail på den, du mener.
guided-one-at-a-time = Jeg tager én ting ad gangen. Skal jeg begynde med »{ $first }«?
guided-which-phone = Telefon eller mobil? Skriv det ene.
guided-write-number = Skriv nummeret på den, du mener.
guided-empty = Jeg kunne ikke læse noget i din besked. Skriv for eksempel »find Mette Hansen«.
guided-closed = Helt fint. Er der andet, jeg kan hjælpe med?
guided-nothing-waits = Der er ikke noget, der venter på svar. Vil du finde, oprette eller rette en kontakt?
guided-nothing-waits-read-only = Der er ikke noget, der venter på svar. Hvem vil du finde?
guided-nothing-shown = Der er ingen liste at vælge fra lige nu. Hvem leder du efter?
guided-no-such-number = Der er ikke noget nummer { $number } på listen. Vælg et af dem, der står.
guided-ask-search = Hvem leder du efter? Skriv et navn, en e-mail, et telefonnummer eller et firma.
guided-ask-search-for = Skal jeg søge efter »{ $query }« blandt kontakterne?
guided-ask-create = Hvem skal oprettes? Skriv navn og e-mail, og gerne telefon, firma og stilling.
guided-ask-update = Hvilken kontakt skal rettes, og hvad er det nye?
guided-ask-who = Hvem gælder det? Skriv et navn eller en e-mail.
guided-ask-value = Hvad skal der stå under »{ $field }«?
guided-unavailable = Assistenten er sat til kun at læse, så jeg kan ikke oprette eller ændre kontakter her. Skal jeg finde en?
guided-found =
    { $count ->
        [one] Jeg fandt én kontakt. Hvad vil du gøre med den?
       *[other] Jeg fandt { $count } kontakter. Skriv et nummer for at se en af dem.
    }
guided-found-more = Jeg fandt { $count } kontakter. Skriv et nummer, eller søg smallere, fx »kun dem uden telefon«.
guided-found-end = Det var de sidste af { $count } kontakter. Skriv et nummer for at se en af dem.
guided-no-more = Der er ikke flere på listen. Hvem leder du efter?
guided-found-none = Jeg fandt ingen kontakt, der passer til »{ $query }«. Skal jeg oprette den?
guided-found-none-plain = Jeg fandt ingen kontakter, der passer. Prøv med et navn, en e-mail eller et firma.
guided-contact-shown = Vil du rette noget?
guided-done = Er der andet, jeg kan hjælpe med?
