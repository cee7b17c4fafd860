# What the guided model says.

guided-greeting = Hi! I can find, create and update contacts. What can I do for you?
guided-thanks = You’re welcome! Just say if there is anything else.
guided-bye = Goodbye, and have a nice day!
guided-help =
    I can do three things with your contacts:
    • Find: “find Mette Hansen” or “show customers in Aarhus”
    • Create: “create Mette Hansen, mette@company.com, 22 33 44 55”
    • Update: “change Mette’s phone to 22 33 44 55”
    Nothing is saved until you have approved it, and it can be taken back: type “undo”.
guided-help-read-only = The assistant is set to read only. Type for example “find Mette Hansen” or “show customers in Aarhus”.
guided-no-delete = Sorry, I can’t delete contacts. That is done in HubSpot. I can find, create and update them.
guided-out-of-scope = Sorry, I can’t help with that. I can find, create and update contacts. Which will it be?
guided-contacts-only = I only work with contacts, that is, people. Which person would you like to create?
guided-unclear = I didn’t quite get that. Do you want to find, create or update a contact?
guided-unclear-read-only = I didn’t quite get that. Who do you want to find?
guided-wait = No problem. Tell me when you are ready.
guided-again = What should I try again?
guided-changes-shown = To take something back, type “undo”, or “undo the change of” and a name.
guided-condition = I can’t decide that for you. Type the name or email of the one you mean.
guided-one-at-a-time = I take one thing at a time. Shall I start with “{ $first }”?
guided-which-phone = Phone or mobile? Type one of them.
guided-write-number = Type the number of the one you mean.
guided-empty = I couldn’t read anything in your message. Try for example “find Mette Hansen”.
guided-closed = That’s fine. Is there anything else I can do?
guided-nothing-waits = There is nothing waiting for an answer. Do you want to find, create or update a contact?
guided-nothing-waits-read-only = There is nothing waiting for an answer. Who do you want to find?
guided-nothing-shown = There is no list to choose from right now. Who are you looking for?
guided-no-such-number = There is no number { $number } on the list. Please pick one of those shown.
guided-ask-search = Who are you looking for? Give me a name, an email, a phone number or a company.
guided-ask-search-for = Shall I look for “{ $query }” among the contacts?
guided-ask-create = Who is the new contact? Give me a name and an email, and if you like phone, company and job title.
guided-ask-update = Which contact should I update, and what is new?
guided-ask-who = Who is it about? Give me a name or an email.
guided-ask-value = What should “{ $field }” be?
guided-unavailable = The assistant is set to read only, so I cannot create or change contacts here. Shall I find one?
guided-found =
    { $count ->
        [one] I found one contact. What would you like to do with it?
       *[other] I found { $count } contacts. Type a number to see one of them.
    }
guided-found-more = I found { $count } contacts. Type a number, or narrow it down, such as “only those without a phone”.
guided-found-end = These were the last of { $count } contacts. Type a number to see one of them.
guided-no-more = There are no more on the list. Who are you looking for?
guided-found-none = I found no contact matching “{ $query }”. Shall I create it?
guided-found-none-plain = I found no contacts that match. Try a name, an email or a company.
guided-contact-shown = Would you like to change anything?
guided-done = Is there anything else I can do?
