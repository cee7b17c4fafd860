# make erase: what was erased of a person, and what was not

erase-looked-up = Looked for: { $found }.
erase-no-hubspot = HubSpot could not be asked ({ $error }), so only what was given and what is kept here was looked for.
erase-not-in-hubspot = HubSpot has no such contact (any more), so only what was given and what is kept here was looked for.
erase-several = Several contacts fit: { $ids }. Nothing was erased. Choose one with --contact, once for each that is this person.
erase-found-audit = Found in the audit trail ({ $file }): the values of { $lines ->
    [one] one line
   *[other] { $lines } lines
}.
erase-found-claims = Found among the changes ({ $file }): the values of { $claims }. Once erased, these changes can no longer be undone.
erase-found-conversations = Found among the conversations ({ $file }): { $count }.
erase-ask = Erase all of this for good? It cannot be taken back (yes/no):
erase-unasked = Nothing was erased: there is no terminal to ask at. Run this again with --yes to erase what was found.
erase-kept = Nothing was erased.
erase-audit = Audit trail: the values of { $lines ->
    [one] one line
   *[other] { $lines } lines
 } were erased. The record of what was proposed, decided and written stays: when, by whom and for which contact id. The chain stays valid.
erase-claims = Changes: the values of { $claims } were erased. These changes can no longer be undone.
erase-conversations = Conversations: { $count } that mentioned the person were deleted, with their waiting cards.
erase-left = NOT erased: { $count ->
    [one] a change
   *[other] { $count } changes
 } whose outcome is not known yet. Start the assistant, so that it finds out, and run this again.
erase-mentioned = NOT erased: { $lines ->
    [one] one line
   *[other] { $lines } lines
 } of the audit trail and { $claims ->
    [one] one change
   *[other] { $claims } changes
 } about others still mention a number or the full name, which may be somebody else's as well. Run this again with { $option } to erase the values in these too.
erase-backup = NOT erased: { $file } is a copy from before an update. Delete it when you no longer need it.
erase-busy = NOT yet gone from the disk: { $file } is in use. Stop the assistant, and run this again.
erase-broken = NOT erased: { $file } cannot be used ({ $why }).
erase-elsewhere = Not touched: the contact in HubSpot itself, other backups of these files, and what a model's provider has been sent. docs/privacy.md says what to do about each.
erase-none = Give one of --contact, --email and --phone.
erase-aside = NOT erased: { $folder }, which an earlier version left, mentions the person or cannot be read. Delete it.
