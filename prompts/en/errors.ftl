error-crm-unreachable = I cannot reach HubSpot right now. Nothing is lost: please try again in a moment.
error-crm-down = HubSpot is not answering as it should right now. Nothing is lost: please try again in a moment.
error-crm-rate-limited = HubSpot got too many requests in a short time and asks for a pause. Wait a few seconds and try again.
error-create-still-open = { $name } may just have been created: HubSpot has not confirmed it yet. Wait a minute and approve again; I will check first.
error-undo-open = I do not know yet whether the latest change of { $name } was written: HubSpot has not confirmed it. Wait half a minute and ask again.
error-write-cut-off = The change was cut off on its way, and HubSpot does not show it. Approve it again if you still want it.
error-crm-daily-limit = HubSpot’s calls for today are used up. Try again tomorrow, or ask whoever runs the assistant to raise the limit.
error-crm-locked = HubSpot is still busy with that contact. Wait a few seconds and try again.
error-crm-migrating = HubSpot is moving this account to another data centre. Try again later: it can take up to a day.
error-crm-bad-token = HubSpot refuses the access token. Ask whoever runs the assistant to check HUBSPOT_ACCESS_TOKEN.
error-crm-missing-scope = The access token for HubSpot lacks { $scopes ->
    [none] a permission
   *[other] a permission: { $scopes }
 }. Ask whoever runs the assistant to grant it.
error-crm-refused = HubSpot refused that. Try putting it differently.
error-record-gone = That contact no longer exists in HubSpot. Please search for it again.
error-email-taken = That email already belongs to another contact. Search for the email to see whose it is.
error-crm-invalid = HubSpot does not accept { $property ->
    [none] one of the values
   *[other] the value for the field { $property }
 } ({ $reason }). What should it be instead?
error-contact-not-found = I found no contact for “{ $ref }”. Shall I create it, or do you want to search for something else?
error-contact-similar = I found no contact called “{ $ref }”. Do you mean one of these? Write the number.
error-contact-ambiguous = There are several contacts for “{ $ref }”. Which one do you mean? Write the number.
error-contact-exists = There is already a contact with that email: { $name }. Shall I update that one instead?
error-no-criteria = Who or what shall I search for? Write a name, an email, a phone number or a company.
error-empty-filter = What shall { $property } be? Write a value, or “without” if the field shall be empty.
error-too-many-filters = Those are more conditions than HubSpot takes at once. Search with fewer.
error-owner-of-user = Who are you among the owners in HubSpot? Write your name or email, and I will remember it in this conversation.
error-identity-missing = To create a contact I need at least an email or a name. What is it?
error-no-values = What should change for { $name }?
error-nothing-to-change = { $name } already has those details, so there is nothing to change.
error-which-phone = { $name } has { $other } { $number }, but no { $asked }. Do you mean { $asked } or { $other }?
error-invalid-email = “{ $value }” is not a valid email. What is the right one?
error-invalid-phone = “{ $value }” is not a valid phone number. What is the right one? Use the country code for numbers abroad, such as +46.
error-invalid-value = “{ $value }” does not fit the field { $property }. What should it be?
error-invalid-date = “{ $value }” is not a date that I can use in the field { $property }. Write it as 2026-12-24 or 24 December 2026, for instance.
error-ambiguous-value = “{ $value }” can mean several things in the field { $property }: { $options }. Which one do you mean?
error-owners-unknown = I cannot read who the owners in HubSpot are, so I do not know who “{ $value }” is. Ask whoever runs the assistant to run make doctor.
error-invalid-option = “{ $value }” is not an option of the field { $property }. Choose one of these: { $options }.
error-unknown-property = I do not know the field “{ $name }”.{ $nearest ->
    [none] {" "}What is it called in HubSpot?
   *[other] {" "}Do you mean { $nearest }?
 }
error-read-only-property = The field { $property } { $reason ->
    [calculated] is calculated by HubSpot and cannot be changed
    [marketing] can only be changed in HubSpot itself, because marketing contacts are paid for
   *[other] is set by HubSpot and cannot be changed from here
 }. Is there another field to change?

error-undo-unknown = I have no change to undo in this conversation. Type “what have you changed today?” to see what I have written, and then “undo the change of” and the name.
error-undo-not-found = I find no change of “{ $name }” that I have written for you. Type “what have you changed today?” to see them, and then “undo the change of” and the name.
error-undo-erased = I can no longer undo that change: its values were erased, as the rules for keeping data say. Correct the contact with a new change.
error-undo-done = That has been undone already for { $name }.
error-undo-gone = { $name } no longer exists in HubSpot, so I cannot undo that change. To undo an earlier one, type “undo the change of” and the name.
error-undo-impossible = { $name } is archived, and I cannot undo that. Restore the contact in HubSpot under Contacts → Actions → Restore records, within 90 days.
error-undo-touched = { $name } has been changed since ({ $properties }), so I undo nothing. If I made that change for you, undo it first; otherwise correct the contact in HubSpot. To undo another change, type “undo the change of” and the name.
error-undo-merged = { $name } has since been merged with another contact, which HubSpot cannot take back, so I undo nothing. Correct the contact instead.
error-store-failed = What I keep on this machine cannot be read or written, so I stopped there. Ask whoever runs the assistant to run make doctor. If something had just been approved, ask me again then: I look in HubSpot first, and write nothing twice.
error-store-full = The disk of the machine that I run on is full, so I stopped there. Ask whoever runs the assistant to make room. If something had just been approved, ask me again then: I look in HubSpot first, and write nothing twice.
error-store-broken = A file that I keep on this machine is damaged, so I stopped there. Ask whoever runs the assistant to run make doctor. If something had just been approved, ask me again then: I look in HubSpot first, and write nothing twice.
error-store-busy = Another program is using a file that I need on this machine, so I stopped there. Wait a minute and try again. If something had just been approved, I look in HubSpot first, and write nothing twice.
error-too-many-changes = You have reached the limit of { $limit } changes an hour. Wait a little and try again.
