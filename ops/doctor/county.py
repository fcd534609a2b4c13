"""The county's log: made by this version, closed to everybody but the one door, its numbering whole."""

from collections.abc import Iterator
from typing import Any, Final

from psycopg import Connection, errors, sql

from domain.store.schema import STEPS, County
from ops.doctor.findings import Finding
from projections.engine_schema import ViewNames

FORBIDDEN: Final = ("insert", "update", "delete", "truncate", "references", "trigger")
GUARDS: Final = frozenset({("events", "events_stand"), ("commands", "commands_stand")})


def findings(connection: Connection[Any], schema: str) -> Iterator[Finding]:
    county = County.named(schema)
    step = _step(connection, county)
    if step is None:
        yield Finding.judged(
            False, f"模式 {schema} 尚未建立", f"there is no schema {schema}: run `jiandu migrate`"
        )
        return
    yield Finding.judged(
        step == len(STEPS),
        f"模式 {schema} 第 {step} 步，程序需第 {len(STEPS)} 步",
        f"schema {schema} is at step {step}, this version works with {len(STEPS)}",
    )
    yield _roles(connection, county)
    yield _closed_tables(connection, county)
    yield _closed_to_others(connection, county)
    yield _closed_vault(connection, county)
    yield _one_door(connection, county)
    yield _guards(connection, county)
    yield _dense(connection, county)
    yield _versions(connection, county)
    yield _times(connection, county)


def _step(connection: Connection[Any], county: County) -> int | None:
    try:
        rows = _rows(connection, "select max(step) from {schema}.schema_steps", county)
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return None
    return int(rows[0][0]) if rows[0][0] is not None else None


def _roles(connection: Connection[Any], county: County) -> Finding:
    """Neither of the county's roles can log in, make roles or pass by the rules; the recorder is not the owner."""
    query = """
        select rolname from pg_roles
        where rolname = any (%(names)s)
            and (rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
        union all
        select name from unnest(%(names)s::text[]) as name where name not in (select rolname from pg_roles)
        union all
        select 'recorder is owner' from pg_roles
        where rolname = %(recorder)s and pg_has_role(%(recorder)s, %(owner)s, 'member')
    """
    names = [county.owner, county.recorder, county.sealer, county.vault_owner]
    wrong = _rows(connection, query, county, names=names, owner=county.owner, recorder=county.recorder)
    return _nothing(wrong, "角色权限最小", "roles hold no more than they need")


def _closed_tables(connection: Connection[Any], county: County) -> Finding:
    query = """
        select relname, privilege from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        cross join unnest(%(forbidden)s::text[]) as privilege
        where nspname = %(schema)s and relkind in ('r', 'p', 'v', 'm')
            and has_table_privilege(%(recorder)s, pg_class.oid, privilege)
    """
    wrong = _rows(
        connection,
        query,
        county,
        schema=county.schema,
        recorder=county.recorder,
        forbidden=list(FORBIDDEN),
    )
    return _nothing(
        wrong, "程序角色只能查询，不能改写任何表", "programmes can read the tables and write none"
    )


def _closed_to_others(connection: Connection[Any], county: County) -> Finding:
    """Nobody but the county's roles was given anything in the schema, and its auditor nothing but reading."""
    query = """
        select relname, grantee::regrole from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        cross join lateral aclexplode(relacl)
        where nspname = %(schema)s and (grantee = 0 or pg_get_userbyid(grantee) <> all (%(names)s))
            and (pg_get_userbyid(grantee), privilege_type) <> (%(auditor)s, 'SELECT')
        union all
        select proname, grantee::regrole from pg_proc
        join pg_namespace on pg_namespace.oid = pronamespace
        cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner)))
        where nspname = %(schema)s and (grantee = 0 or pg_get_userbyid(grantee) <> all (%(names)s))
    """
    names = [county.owner, county.recorder, county.sealer, ViewNames(county).projector]
    wrong = _rows(connection, query, county, schema=county.schema, names=names, auditor=county.auditor)
    return _nothing(wrong, "无其他角色获授权", "nobody else was given anything")


def _closed_vault(connection: Connection[Any], county: County) -> Finding:
    """Programmes reach it through its functions alone; nobody else was given anything, and it reaches nothing else."""
    query = """
        select relname, grantee::regrole::text from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        cross join lateral aclexplode(relacl)
        where nspname = %(vault)s and grantee <> relowner
        union all
        select proname, grantee::regrole::text from pg_proc
        join pg_namespace on pg_namespace.oid = pronamespace
        cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner)))
        where nspname = %(vault)s and pg_get_userbyid(grantee) <> all (%(names)s)
        union all
        select 'people in plain text', reltuples::text from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = %(schema)s and relname = 'people' and pg_relation_size(pg_class.oid) > 0
        union all
        select 'recorder owns the vault', rolname from pg_roles
        where rolname = %(recorder)s and pg_has_role(%(recorder)s, %(vault_owner)s, 'member')
    """
    wrong = _rows(
        connection,
        query,
        county,
        vault=county.vault,
        schema=county.schema,
        recorder=county.recorder,
        vault_owner=county.vault_owner,
        names=[county.vault_owner, county.recorder],
    )
    return _nothing(
        wrong, "个人信息保管库封闭", "the vault is closed, and nobody stands in plain text beside it"
    )


def _one_door(connection: Connection[Any], county: County) -> Finding:
    query = """
        select 1 from pg_proc
        join pg_namespace on pg_namespace.oid = pronamespace
        where nspname = %(schema)s and proname = 'append' and prosecdef and 'signatures' = any (proargnames)
            and has_function_privilege(%(recorder)s, pg_proc.oid, 'execute')
    """
    doors = _rows(connection, query, county, schema=county.schema, recorder=county.recorder)
    return Finding.judged(len(doors) == 1, "唯一写入口在位", "the one way in is there and open to programmes")


def _guards(connection: Connection[Any], county: County) -> Finding:
    """The triggers that refuse changes fire always: also where triggers are otherwise switched off."""
    query = """
        select relname, tgname from pg_trigger
        join pg_class on pg_class.oid = tgrelid
        join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = %(schema)s and tgenabled = 'A'
    """
    standing = set(_rows(connection, query, county, schema=county.schema))
    missing = [name for table, name in sorted(GUARDS - standing)]
    return _nothing(missing, "防改触发器在位", "the guards against changes are in place")


def _dense(connection: Connection[Any], county: County) -> Finding:
    query = "select count(*), coalesce(min(position), 1), coalesce(max(position), 0) from {schema}.events"
    count, first, last = _rows(connection, query, county)[0]
    zh, en = (
        f"日志 {count} 条，位置连续至 {last}",
        f"the log holds {count} events, the last at position {last}",
    )
    return Finding.judged(first == 1 and last == count, zh, en)


def _versions(connection: Connection[Any], county: County) -> Finding:
    query = """
        select stream from {schema}.events
        group by stream
        having count(*) <> max(version) - min(version) + 1 or min(version) > 1
        limit 5
    """
    return _nothing(
        _rows(connection, query, county), "各案卷版本连续", "the versions of each stream are whole"
    )


def _times(connection: Connection[Any], county: County) -> Finding:
    query = """
        select position from (
            select position, recorded_at, lag(recorded_at) over (order by position) as before
            from {schema}.events
        ) as pairs
        where recorded_at < before or recorded_at > clock_timestamp()
        limit 5
    """
    return _nothing(_rows(connection, query, county), "登记时间不倒退", "recording times never run backwards")


def _nothing(wrong: list[Any], zh: str, en: str) -> Finding:
    found = "; ".join(str(row) for row in wrong[:5])
    return Finding.judged(
        not wrong, zh if not wrong else f"{zh}:否", en if not wrong else f"{en}: no ({found})"
    )


def _rows(connection: Connection[Any], query: str, county: County, **parameters: object) -> list[Any]:
    names = {"schema": sql.Identifier(county.schema)}
    return connection.execute(sql.SQL(query).format(**names), parameters or None).fetchall()
