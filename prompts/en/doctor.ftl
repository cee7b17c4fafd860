# make doctor: one line per check, and how to mend what is wrong

doctor-level = { $level ->
    [ok] ok
    [warning] warning
   *[other] PROBLEM
 }
doctor-check = { $check ->
    [settings] Settings
    [sandbox] Sandbox
    [reach] Connection
    [token] Access token
    [clock] Clock
    [limits] Calls
    [account] Account
    [schema] Properties
    [defaults] Defaults
    [owner] Owner
    [owners] Owners
    [write] Right to write
    [model] Language model
   *[database] Database
 }
doctor-sum = { $problems ->
    [0] { $warnings ->
        [0] All is well.
        [one] The assistant can run. There is one warning.
       *[other] The assistant can run. There are { $warnings } warnings.
     }
    [one] There is one problem to solve.
   *[other] There are { $problems } problems to solve.
 }
doctor-timeout = The check took longer than { $seconds } seconds. Run it again; if that does not help, check the network.
doctor-unexpected = The check failed unexpectedly ({ $error }). Report it as a bug of the assistant.

doctor-settings-ok = All settings can be read.
doctor-settings-wrong = { $why } Correct it in .env or in the environment.
doctor-settings-unknown = There is no setting called { $names }. Check the spelling; the README lists all settings.
doctor-settings-region = ASSISTANT_REGION is { $region }, and no country has that code, so no phone number can be read. Use one such as DK or SE.
doctor-settings-prompts = The files in ASSISTANT_PROMPTS_DIR cannot be used: { $why }. Correct them, or remove the setting.

doctor-sandbox-ok = There is no HUBSPOT_ACCESS_TOKEN, so the assistant uses its own sandbox. It starts and answers.
doctor-sandbox-bad = The sandbox does not start. Can { $folder } be written? Move sandbox.db out of it to begin anew.

doctor-reach = { $why ->
    [name] The name in { $host } cannot be looked up. Look at the network's DNS, and at the spelling of HUBSPOT_API_URL.
    [refused] { $host } refuses the connection. Is the port in HUBSPOT_API_URL right, and is the server running?
    [certificate] The connection to { $host } cannot be secured: its certificate does not match. Look at this machine's clock and root certificates, and whether something on the network intercepts it.
    [timeout] { $host } does not answer in time. Open the firewall; the assistant goes out directly and does not use HTTPS_PROXY.
   *[network] { $host } cannot be reached. Look at the network and the firewall.
 }
doctor-crm = { $code ->
    [crm_bad_token] HubSpot refuses the token (401). Create a new Service Key in HubSpot (Development → Keys → Service keys) and put it into HUBSPOT_ACCESS_TOKEN.
    [crm_missing_scope] The token lacks { $scopes ->
        [none] a scope (403)
       *[other] the scope { $scopes } (403)
     }. Grant it in HubSpot under Service keys.
    [crm_daily_limit] The account has used up today's calls. Wait until tomorrow, or raise the limit in HubSpot.
    [crm_rate_limited] HubSpot asks for a pause. Wait a little and run this again; if that does not help, other programs use the account's calls.
    [crm_unreachable] The answer did not arrive in time. Try again; if that does not help, look at status.hubspot.com and at the network.
    [crm_migrating] HubSpot is moving the account to another data centre. Wait up to a day.
    [crm_locked] HubSpot is busy with a change. Try again in a moment.
   *[other] Something answers, but it is not HubSpot. Look at HUBSPOT_API_URL and HUBSPOT_API_VERSION, at status.hubspot.com, and whether something on the network answers instead.
 }
doctor-token-ok = HubSpot takes it, and contacts can be read (API version { $version }).
doctor-token-odd = It holds a line break, a space or a character that no key has. Copy it from HubSpot again, in one piece.
doctor-clock-ok = It agrees with HubSpot's.
doctor-clock-off = It is { $seconds } seconds { $way ->
    [ahead] ahead of
   *[behind] behind
 } HubSpot's. Switch on time synchronisation (NTP).
doctor-limits-ok = { $most } per { $seconds } seconds, and { $left } of { $daily } are left today.
doctor-limits-window = { $most } per { $seconds } seconds. HubSpot does not say how many are left today.
doctor-limits-few = Only { $left } of { $daily } are left today. Find out which programs use them, or raise the limit in HubSpot.
doctor-limits-untold = HubSpot does not report its limits.
doctor-account-ok = { $portal } ({ $kind }), time zone { $zone }, data centre { $place }.
doctor-schema-ok = { $count } contact properties, including all that the assistant uses.
doctor-schema-missing = HubSpot does not have the properties { $names }. Look under Settings → Properties in HubSpot.
doctor-owner-ok = “My contacts” are those that { $name } owns.
doctor-owner-bad = “{ $name }” in ASSISTANT_OWNER is none of the owners in HubSpot. Write a name or an email that HubSpot knows.
doctor-defaults-ok = { $entries ->
    [none] None: new contacts get only what the user writes. See ASSISTANT_NEW_CONTACT.
   *[other] New contacts get { $entries }.
 }
doctor-defaults-bad = “{ $entry }” in ASSISTANT_NEW_CONTACT { $code ->
    [unknown_property] names a property that HubSpot does not have
    [read_only_property] names a property that cannot be written
    [invalid_option] has a value that is not an option
    [ambiguous_value] can mean several things
    [owners_unknown] names an owner, but the owners cannot be read
   *[other] has a value that the property cannot hold
 }, and is left out of new contacts. { $more ->
    [none] Correct it.
   *[other] Correct it, for instance to one of these: { $more }.
 }
doctor-owners-ok = { $count ->
    [one] One owner can be chosen by name or email.
   *[other] { $count } owners can be chosen by name or email.
 }
doctor-write-ok = HubSpot accepts changes of contacts (tried on one that does not exist). Only a real change shows whether each property may be written.
doctor-write-read-only = Not tried: ASSISTANT_READ_ONLY is set, so nothing will be written.
doctor-write-odd = HubSpot gave an unexpected answer to a change of a contact that does not exist, so this check is inconclusive. Try a change in the chat.

doctor-model-guided = None is set up, so the rule-based model answers.
doctor-model-ok = { $model } at { $where } answers, calls tools, and answers from their results.
doctor-model-no-tools = { $model } answers, but did not call a tool. Choose a model in OPENAI_MODEL that can.
doctor-model-no-answer = { $model } at { $where } calls a tool, but does not answer once it has the result ({ $why ->
    [slow] not in time; give it more time in ASSISTANT_MODEL_SECONDS
    [model] the server refuses the result
    [malformed] the answer cannot be read
   *[other] no answer came
 }). Choose another model, or update the server. Until then the rule-based model answers.
doctor-model-bad = { $why ->
    [key] { $where } refuses the key. Set a valid OPENAI_API_KEY.
    [model] { $where } does not know the model { $model }, or does not support tool calls. Correct OPENAI_MODEL or OPENAI_BASE_URL.
    [limit] { $where } has no room for more calls with this key. Look at usage and billing there.
    [unreachable] There is no connection to { $where }. Look at OPENAI_BASE_URL, and whether the server runs.
    [slow] { $model } at { $where } did not answer in time. Try again, choose a faster model, or give it more time in ASSISTANT_MODEL_SECONDS.
    [cut] { $model } at { $where } reached its limit of length before it answered. Give the model more room at the server, or choose another.
    [malformed] { $model } at { $where } calls tools in a way that cannot be read. Switch tool calls on at the server, or choose another model.
    [silent] { $model } at { $where } gave an empty answer. Choose another model.
   *[other] { $where } did not answer like an OpenAI-compatible server for the model { $model }. Look at OPENAI_BASE_URL, which mostly ends in /v1.
 } Until then the rule-based model answers.

doctor-database-ok = { $folder } is private and can be written, and { $free } are free.
doctor-database-new = { $folder } does not exist yet and will be made at the first start.
doctor-database-unmakable = { $folder } cannot be made in { $above }. Allow writing there, or choose another folder in ASSISTANT_DATABASE_URL.
doctor-database-unwritable = { $folder } cannot be written ({ $why }). Correct its owner and rights, or choose another folder in ASSISTANT_DATABASE_URL.
doctor-database-open = Others on this machine can look into { $folder }, where conversations are kept. Run chmod 700 on it.
doctor-database-full = Only { $free } are free at { $folder }. Make room.
doctor-database-locked = { $file } cannot be opened for writing ({ $why }). Correct its rights, or stop the program that holds it.
doctor-database-broken = { $file } is not an SQLite database that can be read. Put a backup in its place, or move it away to begin anew.
