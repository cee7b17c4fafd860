"""The tables of the database, one script per version. A script that was released is never changed."""

MIGRATIONS = (
    """
create table if not exists changes (
    digest text primary key,
    change_id text not null,
    conversation text not null,
    user text not null,
    change text not null,
    claimed_at text not null,
    outcome text,
    details text,
    finished_at text
)
""",
    """
create index changes_by_id on changes (change_id);
create index changes_by_time on changes (finished_at);
create table cards (
    card_id text primary key,
    conversation text not null,
    user text not null,
    made_at text not null,
    ended text
);
create table personal (
    id integer primary key,
    contact_id text,
    made_at text not null,
    salt text not null,
    data text not null
);
create index personal_by_contact on personal (contact_id);
create table trail (
    seq integer primary key,
    at text not null,
    kind text not null,
    user text not null,
    conversation text not null,
    card_id text not null,
    change_id text not null,
    digest text not null,
    action text not null,
    contact_id text not null,
    outcome text not null,
    correlation_ids text not null,
    personal_id integer,
    personal_hash text not null,
    previous text not null,
    hash text not null
);
create index trail_by_change on trail (change_id);
create table usage (
    user text not null,
    day text not null,
    model_calls integer not null,
    tokens integer not null,
    primary key (user, day)
)
""",
    # values of one line that took the place of erased ones stood beside the earlier line as well: the latest has them
    """
update trail set personal_id = null where personal_id is not null and (
    seq not in (select max(seq) from trail where personal_id is not null group by personal_id)
    or personal_id not in (select id from personal)
)
""",
)
