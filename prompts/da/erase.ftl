# make erase: hvad der blev slettet om en person, og hvad der ikke blev

erase-looked-up = Søgt efter: { $found }.
erase-no-hubspot = HubSpot kunne ikke spørges ({ $error }), så der er kun søgt efter det angivne og det, der gemmes her.
erase-not-in-hubspot = HubSpot har ikke (længere) sådan en kontakt, så der er kun søgt efter det angivne og det, der gemmes her.
erase-several = Flere kontakter passer: { $ids }. Intet er slettet. Vælg én med --contact, én gang for hver, der er denne person.
erase-found-audit = Fundet i revisionssporet ({ $file }): værdierne i { $lines ->
    [one] én linje
   *[other] { $lines } linjer
}.
erase-found-claims = Fundet blandt ændringerne ({ $file }): værdierne i { $claims }. Når de er slettet, kan de ændringer ikke længere fortrydes.
erase-found-conversations = Fundet blandt samtalerne ({ $file }): { $count }.
erase-ask = Skal alt dette slettes for altid? Det kan ikke gøres om (ja/nej):
erase-unasked = Intet er slettet: der er ingen terminal at spørge i. Kør dette igen med --yes for at slette det, der blev fundet.
erase-kept = Intet er slettet.
erase-audit = Revisionsspor: værdierne i { $lines ->
    [one] én linje
   *[other] { $lines } linjer
 } er slettet. At noget blev foreslået, besluttet og skrevet, hvornår, for hvilket kontakt-id og af hvem, bliver stående; kæden holder.
erase-claims = Ændringer: værdierne i { $claims } er slettet. De ændringer kan ikke længere fortrydes.
erase-conversations = Samtaler: { $count }, som nævnte personen, er slettet med de kort, der ventede.
erase-left = IKKE slettet: { $count ->
    [one] en ændring
   *[other] { $count } ændringer
 }, hvis udfald ikke er kendt endnu. Start assistenten, så den finder ud af det, og kør dette igen.
erase-mentioned = IKKE slettet: { $lines ->
    [one] én linje
   *[other] { $lines } linjer
 } i revisionssporet og { $claims ->
    [one] en ændring
   *[other] { $claims } ændringer
 } om andre nævner stadig et nummer eller det fulde navn, som også kan være en andens. Kør dette igen med { $option } for at slette værdierne i dem også.
erase-backup = IKKE slettet: { $file } er en kopi fra før en opdatering. Slet den, når den ikke skal bruges mere.
erase-busy = IKKE væk fra disken endnu: { $file } er i brug. Stop assistenten, og kør dette igen.
erase-broken = IKKE slettet: { $file } kan ikke bruges ({ $why }).
erase-elsewhere = Ikke rørt: kontakten i selve HubSpot, andre sikkerhedskopier af filerne, og det, en sprogmodels udbyder har fået sendt. docs/privacy.md siger, hvad der skal gøres ved hver af dem.
erase-none = Angiv én af --contact, --email og --phone.
erase-aside = IKKE slettet: { $folder }, som en tidligere version har efterladt, nævner personen eller kan ikke læses. Slet den.
