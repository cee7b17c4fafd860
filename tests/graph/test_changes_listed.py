"""The list of changes names the day where more than today was asked for."""

from datetime import datetime
from zoneinfo import ZoneInfo

from support.talk import Talk

UPDATE = "ret stilling på mette.hansen@nordlys.example til CFO"


async def test_a_list_of_several_days_names_each(talk: Talk) -> None:
    """What was written today stands under its date where more than a day is asked for, and else not."""
    await talk.say(UPDATE)
    await talk.say("ja")
    today = str(datetime.now(ZoneInfo("Europe/Copenhagen")).day)
    for words in ("hvad har du ændret siden i går?", "hvad har du ændret denne uge?"):
        first = (await talk.say(words)).splitlines()[0]
        assert not first.startswith("- kl."), words
        assert today in first
    assert (await talk.say("hvad har du ændret i dag?")).startswith("- kl.")
