# The greeting and the buttons
greeting =
    Hello! I help you with the **contacts in HubSpot**.

    Press a button, or write in your own words, in English or Danish. I can find, create and update contacts, and I write nothing to HubSpot until you have approved it.
greeting-read-only =
    Hello! I help you with the **contacts in HubSpot**.

    Write a name, an email, a phone number or a company, and I will find the contact. The assistant is set to read only: nothing is created or changed here.
button-search = Search for a contact
button-create = Create a new contact
button-update = Update a contact
button-more = Show more
guide-search = Let’s find a contact. Write a name, an email, a phone number or a company, or something like “customers in Aarhus”.
guide-create = Let’s create a new contact. Write what you know: name, email, phone, company and job title. I need at least an email or a name.
guide-update = Let’s update a contact. Write who it is and what should change, for example “Mette Hansen, phone 22 33 44 55”.
guide-select = You have chosen { $name }. Write what you want to know or change.
guide-select-gone = I cannot find that contact any more. Please search for it again.
guide-unknown = I do not know that button. Write whether you want to search for, create or update a contact.

# The course of a conversation
message-empty = Your message was empty. Write, for example, a name, an email or a phone number.
message-broken = Your message has a character that I cannot read. Please write it again.
message-too-long = Your message has { $length } characters, and I can read at most { $limit } at a time. Nothing was passed on or saved in HubSpot. Please split it and send it again.
too-many-steps = I stopped here, because this took too many steps. Nothing was written to HubSpot. Try asking for one thing at a time.
model-down = The language model is not answering right now, so I am answering with the simple, rule-based model for the time being.
model-slow = The language model did not answer in time, so I am answering with the simple, rule-based model this time.
model-cut = The language model’s answer became too long and was cut off, so I am answering with the simple, rule-based model this time.
model-malformed = The language model answered with something that could not be read, so I am answering with the simple, rule-based model this time.
model-silent = The language model gave no answer to that, so I am answering with the simple, rule-based model this time.
model-cut-short = *(The answer stops here, because it became too long for the language model.)*
model-spent = You have used up the language model for today, so I answer with the simple, rule-based model for the rest of the day.
model-claims = This reply changed nothing in HubSpot:
tool-unknown = I cannot do that.
tool-bad-arguments = The call of { $tool } is refused, and nothing was written. Wrong: { $problems }. Call it again like this: { $form }
tool-malformed = Your last tool call could not be read. Call the tool again with valid JSON, or answer the user.
tool-too-many = That was too much at once. I left the rest out; ask for it afterwards.
read-only = The assistant is set to read only, so I cannot create or change contacts here.
unexpected = Something went wrong on my side, and nothing was written to HubSpot. Please try again.

# What is being done
step-apply = Saving in HubSpot and checking

# Lists and details
list-open = open
list-more = Showing { $first }–{ $last } of { $total }. Write “show more” for the next ones.
list-end = Showing { $first }–{ $last } of { $total }.
record-open = Open in HubSpot
empty-value = (empty)

# The card
card-create = New contact: { $name }
card-update = Change to { $name }
card-full = A card holds at most { $most } changes. Ask for the rest afterwards: { $names }.
card-unused = Belongs to no field.
card-withdrawn = I put the previous card aside, and nothing has been written.
card-unreadable = The card that was waiting is from another version of the assistant and can no longer be read. It has been set aside, and nothing is written. Ask for the change again.
card-unreadable-decided = The card that you answered is from another version of the assistant and can no longer be read. I cannot confirm whether it was saved. Look in HubSpot before you try again.
conversation-unreadable = This conversation was begun with another version of the assistant. The list and what we were doing have been set aside, and nothing is written.
card-acknowledge-twins = There may already be a contact for the same person: { $twins }. A “yes” is not enough here: choose “Create anyway” if it is somebody else, or use the contact that exists.
card-acknowledge-unknown = You did not write these values yourself: { $labels }. A “yes” is not enough here: look at the card, and use its button if they are right.
card-bad-default = The default “{ $entry }” does not fit HubSpot and is left out. Ask whoever runs the assistant to run make doctor.
card-unknown = “{ $label }” is not in anything that you wrote. Please check the value.
twin-same-phone = same phone number
twin-same-name = same name
twin-same-email = same email
twin-similar-name = similar name
twin-same-email-name = same name in the email
twin-similar-email = similar email
twin-same-company = same company
twin-same-city = same city
twin-same-birthday = same date of birth
twin-similar-birthday = similar date of birth

# What happened
done-create = The contact { $name } was created.
done-update = { $name } was updated:
done-change = { $label } is now { $after } (was { $before })
done-partly = HubSpot accepted the change, but these fields of { $name } did not change: { $labels }. Look at the contact, and try another field or value.
done-stale = { $name } was changed since you saw the card, so nothing was written. Here is how it looks now.
done-stale-create = A contact that looks the same has appeared since you saw the card, so nothing was created. Here is how it looks now.
done-gone = { $name } no longer exists in HubSpot, so nothing was written.
done-then-gone = { $name } was changed as you approved, and was removed from HubSpot right after.
done-perhaps-gone = { $name } no longer exists in HubSpot. I cannot confirm whether your change was written before that.
done-already-so = { $name } already looks like that, so there was nothing to write.
done-unknown = I cannot confirm whether the proposal for { $name } was saved. Check in HubSpot before you try again.
done-refused = HubSpot refused the proposal for { $name }, so nothing was written. { $why }
done-unavailable = The proposal for { $name } was not written. { $why }
done-rejected = The proposal for { $name } was cancelled, and nothing was written.

button-undo = Undo
card-undo = Undo the change of { $name }
card-undo-create = Undo the creation of { $name }: the contact is archived
card-undo-kept = “{ $label }” has been changed since and stays as it is.
card-undo-taken = “{ $label }” stays as it is, because another contact has the old value now.
card-of-another = This card is waiting for another user. Only that user can answer it.
card-of-another-conversation = That card belongs to another conversation and can only be answered there. Nothing was changed now.
card-old = That card was put aside and is no longer valid, so nothing was changed now. Ask for the change again if you still want it.
card-used = That card has already been dealt with, perhaps in another tab, so nothing was changed now.
card-none = I do not know that card, so nothing was changed.
card-answer-wrong = The answer does not fit the card, so nothing was changed. The card is still waiting.
card-not-shown = The waiting card may not be the one that you see, so nothing was decided. Here it is: look it through, and answer again.
card-asks = A “yes” could mean more than one thing here, so nothing was decided. Shall I do what the card says?
card-as-before = The card is unchanged, and nothing on it was written.
card-unseen = The card now holds something that you have not seen, so nothing on it was written. Look it through, and approve again.
done-archived = The creation of { $name } is undone: the contact is archived. It can be restored in HubSpot for 90 days.
done-overwritten = At that very moment somebody else wrote “{ $value }” in { $label }, which was overwritten. Write “undo” to bring it back.
done-archived-late = Just before that, somebody else wrote “{ $value }” in { $label }. The archived contact keeps it, also when it is restored in HubSpot.
attached-notes = notes
attached-tasks = tasks
attached-num_notes = activities
attached-num_associated_deals = deals
done-undo = The change of { $name } is undone:
done-replaced = Right after that somebody else wrote “{ $value }” in { $label }, so that is what stands there now.
changes-none = I have not changed anything for you in that time.
changes-erased = { $count ->
    [one] The values of one change were erased, so I can no longer show it.
   *[other] The values of { $count } changes were erased, so I can no longer show them.
 }
changes-partly-undone = (partly undone)
changes-unsure = I do not know yet whether the proposal about { $names } was saved. Look in HubSpot.
changes-create = { $time }: created { $name }
changes-update = { $time }: changed { $name }
changes-undo = { $time }: took back a change of { $name }
changes-undo-create = { $time }: took back the creation of { $name }
changes-row = { $label }: { $before } → { $after }
changes-undone = (taken back)
changes-day = **{ $year }-{ $month }-{ $day }**
changes-more = The latest { $shown } of { $total } changes:
