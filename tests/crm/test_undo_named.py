"""Which change an undo means that is named, and what an undo had to leave: it can go back later."""

from crm.domain import errors
from support.children import Sandbox
from support.undoing import ANNA, ELSEWHERE, Undoing, refused, rows


async def test_a_name_is_a_whole_name(person: Undoing, crm: Sandbox) -> None:
    """Per is not Jesper, whoever was written later; a genitive and the name that the change gave are understood."""
    per = (await person.create(firstname="Per", lastname="Dam", email="per@nordlys.example")).change
    jesper = (await person.create(firstname="Jesper", lastname="Holm", email="jesper@nordlys.example")).change
    assert (await person.proposed(action="create", contact="Per")).undoes == per.id
    for contact in ("Pers", "per@nordlys.example", "per@n", crm.find("per@nordlys.example")["id"]):
        assert (await person.proposed(contact=contact)).undoes == per.id
    await refused(person, errors.UndoNotFound, contact="per@nordlys.exam")
    assert (await person.proposed(contact="Holm")).undoes == jesper.id
    assert (await refused(person, errors.UndoNotFound, contact="esper")).params == {"name": "esper"}
    contact = crm.create(firstname="Ida", lastname="Ek", email="iek@nordlys.example")
    renamed = (await person.update(contact, lastname="Krogh")).change
    for name in ("Ida Krogh", "Ida Ek", "iek", "iek@", "IEK@nord"):
        assert (await person.proposed(contact=name)).undoes == renamed.id
    for name in ("nordlys", "@nordlys", "ek@", "ida@nordlys.example"):
        await refused(person, errors.UndoNotFound, contact=name)


async def test_a_field_can_be_meant(person: Undoing, crm: Sandbox) -> None:
    """A field's name, with its Danish ending and with a contact's name or alone, means the last change of it."""
    contact = crm.create(**ANNA)
    title = (await person.update(contact, jobtitle="CFO")).change
    city = (await person.update(contact, city="Vejle")).change
    assert (await person.proposed(field="stillingen")).undoes == title.id
    assert (await person.proposed(action="update", field="job title")).undoes == title.id
    assert (await person.proposed(field="by")).undoes == city.id
    for field in ("mobil", "no such field"):
        await refused(person, errors.UndoNotFound, field=field)
    assert (await person.proposed(field="stillingen", by=ELSEWHERE)).undoes == title.id
    other = crm.create(firstname="Bo", lastname="Dal", jobtitle="Chef")
    await person.update(other, jobtitle="CFO")
    for name, field in (("Anna Eks", "stilling"), ("Anna Ek", "job title"), ("anna ek", "jobtitle")):
        assert (await person.proposed(contact=name, field=field)).undoes == title.id
    missing = await refused(person, errors.UndoNotFound, contact="Bo Dal", field="by")
    assert missing.params == {"name": "Bo Dal · by"}
    await person.create(firstname="Per", email="per@nordlys.example", zip="8000")
    await refused(person, errors.UndoNotFound, field="postnummeret")  # nobody asked for the whole contact to go
    assert (await person.proposed(action="create", field="postnummer")).archives


async def test_a_field_that_only_the_portal_knows(person: Undoing, crm: Sandbox) -> None:
    """Who cannot know a portal's own fields may take one for a contact: it is read as a field where no contact fits."""
    contact = crm.create(**ANNA)
    title = (await person.update(contact, jobtitle="CFO")).change
    await person.update(contact, city="Vejle")
    assert (await person.proposed(contact="stillingen")).undoes == title.id
    await refused(person, errors.UndoNotFound, contact="mobil")


async def test_what_an_undo_had_to_leave_goes_back_in_the_end(person: Undoing, crm: Sandbox) -> None:
    """Of two own changes of a field the first leaves it as it is; once the second is taken back, it goes back too."""
    contact = crm.create(**ANNA, jobtitle="Sælger", city="Aarhus")
    first = (await person.update(contact, jobtitle="CFO", city="Vejle")).change
    second = (await person.update(contact, jobtitle="CEO")).change
    half = await person.undo(first.id)
    assert (half.change.kept, rows(half.change)) == (("jobtitle",), {"city": ("Vejle", "Aarhus")})
    assert (await person.undo()).change.undoes == second.id
    rest = await person.proposed()
    assert (rest.undoes, rows(rest)) == (first.id, {"jobtitle": ("CFO", "Sælger")})
    assert (await person.proposed(first.id)).rows == (await person.proposed(contact="Anna")).rows == rest.rows
    await person.apply(rest)
    await refused(person, errors.UndoDone, first.id)
    assert (await person.proposed()).undoes == rest.id


async def test_an_undo_in_part_is_what_undo_means_next(person: Undoing, crm: Sandbox) -> None:
    """Right after an undo in part the undo itself can be taken back; the rest is for its button."""
    contact = crm.create(**ANNA, jobtitle="Sælger", city="Aarhus")
    first = (await person.update(contact, jobtitle="CFO", city="Vejle")).change
    crm.set(contact, jobtitle="Formand")
    half = await person.undo(first.id)
    assert (await person.proposed()).undoes == half.change.id
    assert (await refused(person, errors.UndoTouched, first.id)).params["properties"] == ["jobtitle"]
    crm.set(contact, jobtitle="CFO")
    assert rows(await person.proposed(first.id)) == {"jobtitle": ("CFO", "Sælger")}


async def test_a_change_is_found_by_either_email(person: Undoing, crm: Sandbox) -> None:
    """Of a contact whose email was changed the change is found by both; an email of other signs is another's."""
    contact = crm.create(firstname="Bo", email="m.h@nordlys.example")
    moved = (await person.update(contact, email="bo@nordlys.example")).change
    await person.update(crm.create(firstname="Per", email="mh@nordlys.example"), jobtitle="CFO")
    assert (await person.proposed(contact="m.h@nordlys.example")).undoes == moved.id
    assert (await person.proposed(contact="BO@nordlys.example")).undoes == moved.id


async def test_what_an_undo_had_to_leave_comes_before_what_is_older(person: Undoing, crm: Sandbox) -> None:
    """The rest of a change goes back before an older change does, in any words, and only of the same contact."""
    await person.update(crm.create(firstname="Zita", lastname="Ask"), jobtitle="Chef", city="Ribe")
    made = (await person.create(**ANNA, jobtitle="Sælger")).change
    contact = (crm.find(ANNA["email"]) or {})["id"]
    middle = (await person.update(contact, jobtitle="CFO", city="Vejle")).change
    await person.update(contact, jobtitle="CEO")
    await person.undo(middle.id)
    await person.undo()
    for asked in (
        {},
        {"field": "stillingen"},
        {"action": "update"},
        {"contact": "Anna"},
        {"action": "update", "contact": "Anna Ek"},
        {"contact": "Annas", "field": "stilling"},
    ):
        rest = await person.proposed(**asked)
        assert (rest.undoes, rows(rest)) == (middle.id, {"jobtitle": ("CFO", "Sælger")})
    await person.apply(rest)
    assert (await person.proposed()).undoes == made.id


async def test_an_undo_of_something_else_does_not_go_on(person: Undoing, crm: Sandbox) -> None:
    """What an undo had to leave is not meant after an undo of another contact, or of other fields."""
    contact, other = crm.create(**ANNA, jobtitle="Sælger"), crm.create(firstname="Bo", jobtitle="Chef")
    older = (await person.update(other, city="Ribe")).change
    first = (await person.update(contact, jobtitle="CFO", city="Vejle")).change
    crm.set(contact, jobtitle="Formand")
    await person.undo(first.id)
    same = (await person.update(other, jobtitle="CEO")).change
    assert (await person.undo()).change.undoes == same.id
    assert (await person.proposed()).undoes == older.id
    fields = (await person.update(contact, zip="8000")).change
    assert (await person.undo()).change.undoes == fields.id
    assert (await person.proposed()).undoes == older.id


async def test_an_email_that_was_taken_goes_back_once_it_is_free(person: Undoing, crm: Sandbox) -> None:
    """An old email that another contact had taken can go back once that one has let go of it, from the same button."""
    contact = crm.create(**ANNA)
    change = (await person.update(contact, email="ny@nordlys.example", city="Vejle")).change
    other = crm.create(firstname="Bo", email=ANNA["email"])
    assert (await person.undo(change.id)).change.taken == ("email",)
    crm.set(other, email="bo@nordlys.example")
    assert rows(await person.proposed(change.id)) == {"email": ("ny@nordlys.example", ANNA["email"])}


async def test_an_earlier_change_is_found_beside_one_that_was_erased(person: Undoing, crm: Sandbox) -> None:
    """Where the values of the newest change were erased, the one before is found by its contact's name."""
    contact = crm.create(**ANNA)
    first = (await person.update(contact, jobtitle="CFO")).change
    newest = (await person.update(contact, city="Ribe")).change
    erase = "update changes set change = '', details = '{\"contact_id\": \"1\"}' where change_id = ?"
    await person.portal.ledger.database.do(lambda db: db.exec_driver_sql(erase, (newest.id,)) and None)
    for asked in ({"contact": "Anna"}, {"action": "update"}):
        assert (await person.proposed(**asked)).undoes == first.id
