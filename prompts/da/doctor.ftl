# make doctor: én linje pr. kontrol, og hvad der skal gøres

doctor-level = { $level ->
    [ok] ok
    [warning] advarsel
   *[other] PROBLEM
 }
doctor-check = { $check ->
    [settings] Indstillinger
    [sandbox] Sandkasse
    [reach] Forbindelse
    [token] Adgangsnøgle
    [clock] Ur
    [limits] Kald
    [account] Konto
    [schema] Felter
    [defaults] Standardværdier
    [owner] Ejer
    [owners] Ejere
    [write] Skriveret
    [model] Sprogmodel
   *[database] Database
 }
doctor-sum = { $problems ->
    [0] { $warnings ->
        [0] Alt er i orden.
        [one] Assistenten kan køre. Der er én advarsel.
       *[other] Assistenten kan køre. Der er { $warnings } advarsler.
     }
    [one] Der er ét problem, som skal løses.
   *[other] Der er { $problems } problemer, som skal løses.
 }
doctor-timeout = Kontrollen blev ikke færdig på { $seconds } sekunder. Kør den igen; bliver det ved, så se på netværket.
doctor-unexpected = Kontrollen gik i stykker ({ $error }). Meld det som en fejl i assistenten.

doctor-settings-ok = Alle indstillinger kan læses.
doctor-settings-wrong = { $why } Ret det i .env eller i miljøet.
doctor-settings-unknown = Ingen læser { $names }. Er navnet stavet rigtigt? README viser dem alle.
doctor-settings-region = ASSISTANT_REGION er { $region }, og intet land har den kode, så ingen telefonnumre kan læses. Brug en som DK eller SE.
doctor-settings-prompts = Filerne i ASSISTANT_PROMPTS_DIR kan ikke bruges: { $why }. Ret dem, eller fjern indstillingen.

doctor-sandbox-ok = Der er ingen HUBSPOT_ACCESS_TOKEN, så assistenten bruger sin egen sandkasse. Den starter og svarer.
doctor-sandbox-bad = Sandkassen starter ikke. Kan der skrives i { $folder }? Flyt sandbox.db derfra for at begynde forfra.

doctor-reach = { $why ->
    [name] Navnet i { $host } kan ikke slås op. Se på netværkets DNS, og om HUBSPOT_API_URL er stavet rigtigt.
    [refused] { $host } afviser forbindelsen. Er porten i HUBSPOT_API_URL rigtig, og kører det, der skal svare?
    [certificate] Forbindelsen til { $host } kan ikke sikres: certifikatet passer ikke. Se på maskinens ur og rodcertifikater, og om noget på netværket læser med.
    [timeout] { $host } svarer ikke i tide. Åbn i firewallen; assistenten går direkte ud og bruger ikke HTTPS_PROXY.
   *[network] Der er ingen vej til { $host }. Se på netværket og firewallen.
 }
doctor-crm = { $code ->
    [crm_bad_token] HubSpot afviser adgangsnøglen (401). Opret en ny Service Key i HubSpot (Development → Keys → Service keys), og sæt den i HUBSPOT_ACCESS_TOKEN.
    [crm_missing_scope] Adgangsnøglen mangler { $scopes ->
        [none] en rettighed (403)
       *[other] rettigheden { $scopes } (403)
     }. Giv den i HubSpot under Service keys.
    [crm_daily_limit] Kontoens kald for i dag er brugt op. Vent til i morgen, eller hæv grænsen i HubSpot.
    [crm_rate_limited] HubSpot beder om en pause. Vent lidt, og kør kontrollen igen; bliver det ved, så bruger andre programmer kontoens kald.
    [crm_unreachable] Svaret kom ikke frem i tide. Prøv igen; bliver det ved, så se på status.hubspot.com og på netværket.
    [crm_migrating] HubSpot er ved at flytte kontoen til et andet datacenter. Vent op til et døgn.
    [crm_locked] HubSpot er optaget af en ændring. Prøv igen om lidt.
   *[other] Der kommer svar, men ikke som HubSpots. Se på HUBSPOT_API_URL og HUBSPOT_API_VERSION, på status.hubspot.com, og om noget på netværket svarer i stedet.
 }
doctor-token-ok = HubSpot tager imod den, og kontakter kan læses (API-version { $version }).
doctor-token-odd = Den indeholder et linjeskift, et mellemrum eller et tegn, som ingen nøgle har. Kopiér den fra HubSpot igen, i ét stykke.
doctor-clock-ok = Det går som HubSpots.
doctor-clock-off = Det går { $seconds } sekunder { $way ->
    [ahead] foran
   *[behind] bagud
 } i forhold til HubSpots. Slå tidssynkronisering (NTP) til.
doctor-limits-ok = { $most } pr. { $seconds } sekunder, og { $left } af { $daily } er tilbage i dag.
doctor-limits-window = { $most } pr. { $seconds } sekunder. HubSpot siger ikke, hvor mange der er tilbage i dag.
doctor-limits-few = Kun { $left } af { $daily } er tilbage i dag. Find ud af, hvilke programmer der bruger dem, eller hæv grænsen i HubSpot.
doctor-limits-untold = HubSpot siger ikke, hvor mange der er plads til.
doctor-account-ok = { $portal } ({ $kind }), tidszone { $zone }, datacenter { $place }.
doctor-schema-ok = { $count } felter på kontakter, og alle dem, som assistenten bruger.
doctor-schema-missing = HubSpot har ikke felterne { $names }. Se under Indstillinger → Egenskaber i HubSpot.
doctor-owner-ok = »Mine kontakter« er dem, som { $name } ejer.
doctor-owner-bad = »{ $name }« i ASSISTANT_OWNER er ikke en af ejerne i HubSpot. Skriv et navn eller en e-mail, som HubSpot kender.
doctor-defaults-ok = { $entries ->
    [none] Ingen: nye kontakter får kun det, som brugeren skriver. Se ASSISTANT_NEW_CONTACT.
   *[other] Nye kontakter får { $entries }.
 }
doctor-defaults-bad = »{ $entry }« i ASSISTANT_NEW_CONTACT { $code ->
    [unknown_property] nævner et felt, som HubSpot ikke har
    [read_only_property] nævner et felt, som ikke kan skrives
    [invalid_option] har en værdi, som ikke er en mulighed
    [ambiguous_value] kan betyde flere ting
    [owners_unknown] nævner en ejer, men ejerne kan ikke læses
   *[other] har en værdi, som feltet ikke kan have
 }, og er udeladt på nye kontakter. { $more ->
    [none] Ret den.
   *[other] Ret den, fx til et af disse: { $more }.
 }
doctor-owners-ok = { $count ->
    [one] Én ejer kan vælges ved navn eller e-mail.
   *[other] { $count } ejere kan vælges ved navn eller e-mail.
 }
doctor-write-ok = HubSpot ville lade kontakter ændre (prøvet på en, der ikke findes). Om hvert felt må skrives, viser kun en rigtig ændring.
doctor-write-read-only = Ikke prøvet: ASSISTANT_READ_ONLY er sat, så intet bliver skrevet.
doctor-write-odd = HubSpot svarede uventet på en ændring af en kontakt, der ikke findes, så det kan ikke siges. Prøv en ændring i chatten.

doctor-model-guided = Ingen er sat op, så den regelbaserede model svarer.
doctor-model-ok = { $model } hos { $where } svarer, kalder værktøjer og svarer på det, de finder.
doctor-model-no-tools = { $model } svarer, men kaldte ikke et værktøj. Vælg i OPENAI_MODEL en model, der kan.
doctor-model-no-answer = { $model } hos { $where } kalder et værktøj, men svarer ikke, når det får resultatet ({ $why ->
    [slow] ikke i tide; giv den mere tid i ASSISTANT_MODEL_SECONDS
    [model] serveren afviser resultatet
    [malformed] svaret kan ikke læses
   *[other] der kom ikke noget svar
 }). Vælg en anden model, eller opdater serveren. Indtil da svarer den regelbaserede model.
doctor-model-bad = { $why ->
    [key] { $where } afviser nøglen. Sæt en gyldig OPENAI_API_KEY.
    [model] { $where } kender ikke modellen { $model }, eller tager ikke imod kald af værktøjer. Ret OPENAI_MODEL eller OPENAI_BASE_URL.
    [limit] { $where } har ikke plads til flere kald for den nøgle. Se på forbrug og betaling hos udbyderen.
    [unreachable] Der er ingen forbindelse til { $where }. Se på OPENAI_BASE_URL, og om serveren kører.
    [slow] { $model } hos { $where } svarede ikke i tide. Prøv igen, vælg en hurtigere model, eller giv den mere tid i ASSISTANT_MODEL_SECONDS.
    [cut] { $model } hos { $where } nåede sin længdegrænse, før den svarede. Giv modellen mere plads på serveren, eller vælg en anden.
    [malformed] { $model } hos { $where } kalder værktøjer på en måde, der ikke kan læses. Slå kald af værktøjer til på serveren, eller vælg en anden model.
    [silent] { $model } hos { $where } gav et tomt svar. Vælg en anden model.
   *[other] { $where } svarede ikke som en OpenAI-kompatibel server for modellen { $model }. Se på OPENAI_BASE_URL, som oftest ender på /v1.
 } Indtil da svarer den regelbaserede model.

doctor-database-ok = { $folder } er privat og kan skrives, og der er { $free } ledig plads.
doctor-database-new = { $folder } findes ikke endnu og bliver oprettet ved første start.
doctor-database-unmakable = { $folder } kan ikke oprettes i { $above }. Giv ret til at skrive der, eller vælg en anden mappe i ASSISTANT_DATABASE_URL.
doctor-database-unwritable = Der kan ikke skrives i { $folder } ({ $why }). Ret ejer og rettigheder, eller vælg en anden mappe i ASSISTANT_DATABASE_URL.
doctor-database-open = Andre på maskinen kan se ind i { $folder }, hvor samtaler ligger. Kør chmod 700 på den.
doctor-database-full = Der er kun { $free } ledig plads ved { $folder }. Gør plads.
doctor-database-locked = { $file } kan ikke åbnes for skrivning ({ $why }). Ret rettighederne, eller stop det program, der holder den.
doctor-database-broken = { $file } er ikke en SQLite-database, der kan læses. Læg en sikkerhedskopi tilbage, eller flyt filen væk for at begynde forfra.
