# Sentences that the web chat itself says: buttons, cards and errors.

ui-card-intro = Please look this through. Nothing is saved in HubSpot until you approve.
ui-card-field = Field
ui-card-before = Before
ui-card-after = After
ui-card-value = Value
ui-card-empty = –
ui-card-default = (default)
ui-card-source = Source
ui-source-user = your words
ui-source-record = HubSpot
ui-source-default = the settings
ui-source-unknown = not from you
ui-card-twins = May already exist
ui-card-unused = Not used
ui-card-open = Open in HubSpot

ui-approve = Approve
ui-approve-unknown = Approve, including what you did not write: { $labels }
ui-approve-twins = Approve anyway, despite possible duplicates
ui-create-anyway = Create anyway
ui-create-anyway-unknown = Create anyway, including what you did not write: { $labels }
ui-edit = Edit
ui-cancel = Cancel
ui-use = Use { $name }
ui-undo = Undo: { $name }

ui-card-approved = ✓ Approved
ui-card-cancelled = ✕ Cancelled
ui-card-replaced = ↻ Replaced by a new card
ui-card-void = ✕ No longer valid
ui-deleted = This conversation was deleted, perhaps in another tab, and nothing was written. Start a new one.
ui-card-aside = ↻ Put aside
ui-card-answered = ✓ Answered in the chat

ui-edit-prompt = What should be changed? Say it in your own words, for example “the phone is 22 33 44 55”.
ui-list-gone = That list is no longer current. Search again to see the latest.
ui-no-files = Files cannot be attached here. Copy the text, and paste it into the message.
ui-stopped = Stopped.
ui-error = Something went wrong on our side; it is in the log as { $reference }. Please try again. If it happens again, give that number to whoever runs the assistant.

ui-serving = The contact assistant is ready: { $url }
ui-host-refused = Cannot start on { $host }: without login the assistant answers on this machine only (127.0.0.1, ::1 or localhost).
ui-door-token = This chat belongs to another account of this machine, or the machine cannot tell who you are. Open the address that was printed when the assistant started (the one with “token=”).
ui-door-closed = This chat belongs to another account of this machine, and only that account can use it.
ui-port-taken = Port { $port } is taken on { $host }. Choose another with --port.
moved-aside = An earlier version kept its conversations, ledger and audit trail in another form. They are in { $folder } now and are not read any more; the folder is deleted after ASSISTANT_RETENTION_DAYS.
