"""Mistakes on the command line as people make them, verb by verb, and what is to be said of each."""

from __future__ import annotations

from typing import NamedTuple


class Mistake(NamedTuple):
    """A command line, its exit status, the code of its message, parts of the message and of its hint, and a command
    line that does as the hint says."""

    line: str
    status: int
    code: str
    said: str
    hint: str = ""
    followed: str = ""


BUILD = [
    Mistake("biuld rules", 2, "RSC180", "there is no verb 'biuld'", "did you mean 'build'?", "build rules"),
    Mistake("build", 2, "RSC183", "RULES is missing", "rulescope build RULES", "build rules"),
    Mistake("build ruels", 1, "RSC140", "no such file or folder: ruels", "did you mean 'rules'?", "build rules"),
    Mistake("build ''", 2, "RSC183", "an argument is empty", "a variable of the shell that is not set"),
    Mistake("build 'rules/*.yml'", 1, "RSC140", "rules/*.yml", "leave the quotes out", "build rules/shell.yml"),
    Mistake("build 'rules/*.xml'", 1, "RSC140", "rules/*.xml", "no file matches it"),
    Mistake("build 'rules two.yml'", 1, "RSC140", "rules two.yml", "part them: rules two.yml", "build rules two.yml"),
    Mistake("build index=main", 2, "RSC192", "'index=main' is no file", "explain index=main", "explain index=main"),
    Mistake("build empty", 2, "RSC151", "no rule was found in empty", "rules are files .yml"),
    Mistake(
        "build log.jsonl",
        2,
        "RSC151",
        "no rule was found in log.jsonl",
        "rulescope run RULES... --logs LOGS...",
        "run rules/shell.yml --logs log.jsonl",
    ),
    Mistake("build rules -o", 2, "RSC183", "the option '-o' needs a value", "rulescope build --help"),
    Mistake("build rules -o log.jsonl", 1, "RSC160", "log.jsonl is a file; a site needs a folder", "another folder"),
    Mistake("build rules -o rules", 1, "RSC163", "rules, which is read here, lies in it", "an empty or a new folder"),
    Mistake("build rules --catalog nowhere/c", 1, "RSC204", "there is no folder nowhere", "make the folder first"),
    Mistake("build rules --catalog log.jsonl", 1, "RSC201", "log.jsonl is not a catalogue", "--catalog FILE"),
    Mistake(
        "build rules --catalogue c", 2, "RSC181", "'--catalogue' of build", "'--catalog'", "build rules --catalog c"
    ),
    Mistake(
        "build rules --logs log.jsonl", 2, "RSC181", "no option '--logs' of build", "rulescope run RULES... --logs"
    ),
    Mistake("build rules --language spl", 2, "RSC181", "no option '--language'", "leave it out", "build rules"),
    Mistake(
        "build rules --strict=al", 2, "RSC182", "'al' is not one of", "did you mean 'all'?", "build rules --strict=all"
    ),
]
SEARCH = [
    Mistake("serach a=1 log.jsonl", 2, "RSC180", "no verb 'serach'", "'search'", "search User=ann log.jsonl"),
    Mistake("search", 2, "RSC183", "QUERY is missing", "rulescope search QUERY LOGS...", "search User=ann log.jsonl"),
    Mistake("search User=ann", 2, "RSC191", "no logs are given", "after the query", "search User=ann log.jsonl"),
    Mistake("search User=ann log.jsnl", 1, "LOG001", "log.jsnl", "'log.jsonl'", "search User=ann log.jsonl"),
    Mistake("search User=ann ''", 2, "RSC183", "an argument is empty", "a variable of the shell"),
    Mistake("search User=ann https://example.com/log.jsonl", 1, "LOG001", "no such log file", "fetch it first"),
    Mistake(
        "search log.jsonl", 2, "RSC191", "no logs are given", "the query stands first", "search User=ann log.jsonl"
    ),
    Mistake(
        "search log.jsonl User=ann",
        2,
        "RSC192",
        "'log.jsonl' is no query",
        "rulescope search 'User=ann' log.jsonl",
        "search User=ann log.jsonl",
    ),
    Mistake(
        "search User=ann OR User=bob log.jsonl",
        2,
        "RSC192",
        "there is no log 'User=bob'",
        "rulescope search 'User=ann OR User=bob' log.jsonl",
        "search 'User=ann OR User=bob' log.jsonl",
    ),
    Mistake(
        "search rules/shell.yml rules/search.spl log.jsonl",
        2,
        "RSC192",
        "rules/search.spl is a rule by its name",
        "rulescope run rules/shell.yml rules/search.spl --logs LOGS...",
        "run rules/shell.yml rules/search.spl --logs log.jsonl",
    ),
    Mistake(
        "search rules/shel.yml log.jsonl",
        1,
        "RSC140",
        "no such rule file: rules/shel.yml",
        "did you mean 'rules/shell.yml'?",
        "search rules/shell.yml log.jsonl",
    ),
    Mistake(
        "search rules log.jsonl", 2, "RSC102", "rules is a folder", "name one", "search rules/search.spl log.jsonl"
    ),
    Mistake(
        "search two.yml log.jsonl", 1, "RSC102", "two.yml holds 2 rules", "two.yml#1", "search two.yml#1 log.jsonl"
    ),
    Mistake(
        "search index=mian log.jsonl", 0, "RUN132", "index 'mian'", "there are: main", "search index=main log.jsonl"
    ),
    Mistake("search sourcetype=wineventlogs log.jsonl", 0, "RUN132", "'wineventlogs'", "there are: WinEventLog"),
    Mistake("search Usr=ann log.jsonl", 0, "RUN130", "the field 'Usr'", "'User'", "search User=ann log.jsonl"),
    Mistake(
        "search 'User=* | where User=ann' log.jsonl",
        0,
        "RUN130",
        "no event here has the field 'ann'",
        "put it into double quotes",
        "search 'User=* | where User=\"ann\"' log.jsonl",
    ),
    Mistake(
        "search \"User='ann'\" log.jsonl",
        0,
        "SPL054",
        "single quotes are part of the value",
        "write double quotes",
        "search 'User=\"ann\"' log.jsonl",
    ),
    Mistake(
        "search 'User=* | stat count' log.jsonl",
        1,
        "SPL021",
        "unknown command 'stat'",
        "did you mean 'stats'?",
        "search 'User=* | stats count' log.jsonl",
    ),
    Mistake(
        "search 'User=* | eval n=lenght(User)' log.jsonl",
        1,
        "RUN011",
        "the function 'lenght' is not supported",
        "did you mean 'len'?",
        "search 'User=* | eval n=len(User)' log.jsonl",
    ),
    Mistake("search User=ann log.jsonl --language splk", 2, "RSC150", "in 'splk' can't be read", "did you mean 'spl'?"),
    Mistake(
        "search rules/shell.yml log.jsonl --language spl",
        2,
        "RSC189",
        "a rule in 'sigma', not in 'spl'",
        "leave --language out",
        "search rules/shell.yml log.jsonl",
    ),
    Mistake(
        "search 'SELECT * FROM t WHERE a = 1' log.jsonl", 0, "RSC190", "reads wholly as SQL", "--language snowflake"
    ),
    Mistake("search User=ann log.jsonl --logs log.jsonl", 2, "RSC181", "'--logs' of search", "after the query"),
    Mistake("search User=ann log.jsonl --timeout soon", 2, "RSC182", "a valid number", "rulescope search --help"),
    Mistake("search User=ann log.jsonl --earliest", 2, "RSC183", "'--earliest' needs a value", "search --help"),
    Mistake("search User=ann log.jsonl --earliest yesterday", 2, "RSC150", "'yesterday' is not a time", "-24h@h"),
    Mistake("search User=ann log.jsonl --timezone Berlin", 2, "RSC150", "no time zone 'Berlin'", "Europe/Berlin"),
    Mistake("search User=ann log.jsonl --format cvs", 2, "RSC182", "'cvs' is not one of", ""),
    Mistake("search User=ann log.jsonl -o nowhere/r.csv", 1, "RSC160", "can't be written", "no folder nowhere"),
    Mistake("search User=ann log.jsonl -o empty", 1, "RSC160", "empty can't be written", "name a file in it"),
    Mistake("search User=ann log.jsonl --event log.jsonl", 2, "RSC150", "names no event", "FILE#RECORD"),
    Mistake("search User=ann log.jsonl --event log.jsonl#9", 1, "RSC140", "no event log.jsonl#9", "from 1 to 3"),
    Mistake("search User=ann log.jsonl --event lg.jsonl#1", 1, "RSC140", "no event lg.jsonl#1", "log.jsonl"),
    Mistake("search User=ann log.jsonl --lookups rulse", 1, "RSC140", "no such lookup folder: rulse", "'rules'"),
    Mistake("search User=ann log.jsonl --fields f.toml", 1, "RSC140", "no such file of fields: f.toml"),
    Mistake("search User=ann log.jsonl --geo-database g.mmdb", 1, "RSC140", "no such file of places: g.mmdb"),
    Mistake("search User=ann empty", 1, "LOG003", "no event was read", "names of logs end in"),
]
RUN = [
    Mistake("rnu rules --logs log.jsonl", 2, "RSC180", "no verb 'rnu'", "'run'", "run rules --logs log.jsonl"),
    Mistake("run", 2, "RSC183", "RULES... is missing", "rulescope run RULES... --logs LOGS..."),
    Mistake("run rules log.jsonl", 2, "RSC183", "'--logs' is missing", "--logs LOGS", "run rules --logs log.jsonl"),
    Mistake("run rules --logs", 2, "RSC183", "the option '--logs' needs a value", "rulescope run --help"),
    Mistake("run ruls --logs log.jsonl", 1, "RSC140", "folder: ruls", "'rules'", "run rules --logs log.jsonl"),
    Mistake("run rules --logs log.jsnl", 1, "LOG001", "log.jsnl", "'log.jsonl'", "run rules --logs log.jsonl"),
    Mistake(
        "run rules --logs log.jsonl,log.jsonl", 1, "LOG001", "log.jsonl,log.jsonl", "part them: log.jsonl log.jsonl"
    ),
    Mistake("run '' --logs log.jsonl", 2, "RSC183", "an argument is empty", "a variable of the shell"),
    Mistake("run - --logs log.jsonl", 2, "RSC192", "'-' is no file or folder of rules", "rulescope search - LOGS..."),
    Mistake(
        "run User=ann --logs log.jsonl",
        2,
        "RSC192",
        "'User=ann' is no file",
        "rulescope search User=ann LOGS...",
        "search User=ann log.jsonl",
    ),
    Mistake("run Account --logs log.jsonl", 1, "RSC140", "folder: Account", "rules are given as files and folders"),
    Mistake("run log.jsonl --logs rules", 2, "RSC151", "no rule was found in log.jsonl", "give it with --logs"),
    Mistake("run rules --log log.jsonl", 2, "RSC181", "'--log' of run", "'--logs'", "run rules --logs log.jsonl"),
    Mistake("run rules --logs log.jsonl --level high", 2, "RSC181", "'--level' of run", "did you mean '--severity'?"),
    Mistake(
        "run rules --logs log.jsonl --severity high,low", 2, "RSC150", "'high,low'", "--severity high --severity low"
    ),
    Mistake("run rules --logs log.jsonl --severity crit", 2, "RSC150", "no severity 'crit'", "critical, high, medium"),
    Mistake(
        "run rules --logs log.jsonl --technique T1059.3",
        2,
        "RSC150",
        "'T1059.3' is no technique",
        "'T1059.003'",
        "run rules --logs log.jsonl --technique T1059.003",
    ),
    Mistake(
        "run rules --logs log.jsonl --technique execution", 2, "RSC150", "'execution' is no technique", "T1059.001"
    ),
    Mistake("run rules --logs log.jsonl --engine sqlite", 2, "RSC150", "no engine 'sqlite'", "engines: duckdb"),
    Mistake("run rules --logs log.jsonl --strict all", 2, "RSC183", "the value of '--strict'", "as in: --strict=all"),
    Mistake("run rules --logs log.jsonl --csv-raw=x", 2, "RSC183", "'--csv-raw' takes no value", "run --help"),
    Mistake(
        "run rules --logs log.jsonl --catalog r.catalog", 1, "RSC140", "no catalogue at r.catalog", "rulescope build"
    ),
    Mistake("run rules --logs log.jsonl -o nowhere/r.json", 1, "RSC160", "can't be written", "no folder nowhere"),
    Mistake("run rules --logs log.jsonl --jobs many", 2, "RSC182", "'--jobs'", "rulescope run --help"),
    Mistake("run typo.spl --logs log.jsonl", 0, "RUN130", "the field 'Usr'", "did you mean 'User'?"),
    Mistake("run wrong.spl --logs log.jsonl", 0, "SPL021", "unknown command 'stat'", "did you mean 'stats'?"),
    Mistake("run rules --logs empty", 1, "LOG003", "no event was read", "names of logs end in"),
]
EXPLAIN = [
    Mistake("explian User=ann", 2, "RSC180", "no verb 'explian'", "did you mean 'explain'?", "explain User=ann"),
    Mistake("explain", 2, "RSC183", "FILE is missing", "rulescope explain FILE", "explain rules/shell.yml"),
    Mistake("explain ''", 2, "RSC183", "an argument is empty", "a variable of the shell"),
    Mistake("explain ruels/shell.yml", 1, "RSC140", "ruels/shell.yml", "'rules/shell.yml'", "explain rules/shell.yml"),
    Mistake("explain nosuch.yml", 1, "RSC140", "no such rule file: nosuch.yml", "'\"nosuch.yml\"'"),
    Mistake("explain rules", 2, "RSC102", "rules is a folder", "name one file of it", "explain rules/shell.yml"),
    Mistake("explain log.jsonl", 2, "RSC188", "log.jsonl is a log", "rulescope search 'EventCode=1' log.jsonl"),
    Mistake("explain two.yml", 1, "RSC102", "two.yml holds 2 rules", "'two.yml#1'", "explain two.yml#1"),
    Mistake("explain two.yml#Secnd", 1, "RSC140", "no rule 'Secnd'", "'two.yml#Second'", "explain two.yml#Second"),
    Mistake(
        "explain User=ann | head", 2, "RSC184", "'|' is one argument too many", "in quotes", "explain 'User=ann | head'"
    ),
    Mistake("explain shel", 0, "RSC186", "is called 'shel'", "did you mean 'shell'?", "explain shell"),
    Mistake("explain notes.docx", 0, "RSC187", "'notes.docx' is a file, but none of rules", "- < notes.docx"),
    Mistake(
        "explain 'a=1 | stat count'", 0, "SPL021", "unknown command 'stat'", "'stats'", "explain 'a=1 | stats count'"
    ),
    Mistake(
        "explain --language splunk a=1", 2, "RSC150", "'splunk'", "did you mean 'spl'?", "explain --language spl a=1"
    ),
    Mistake(
        "explain 'DeviceEvents | where FileName =~ \"cmd.exe\"'",
        0,
        "RSC190",
        "reads wholly as Kusto",
        "--language kusto",
        "explain --language kusto 'DeviceEvents | where FileName =~ \"cmd.exe\"'",
    ),
    Mistake("explain --lang spl a=1", 2, "RSC181", "'--lang' of explain", "'--language'", "explain --language spl a=1"),
    Mistake(
        "explain a=1 --logs log.jsonl", 2, "RSC181", "'--logs'", "search RULE LOGS...", "search User=ann log.jsonl"
    ),
    Mistake("explain a=1 --format json", 2, "RSC181", "'--format'", "did you mean '--json'?", "explain a=1"),
    Mistake("explain '-1 | head'", 2, "RSC181", "no option '-1'", "stands after '--'", "explain -- '-1 | head'"),
]
SQL = [
    Mistake("slq User=ann", 2, "RSC180", "there is no verb 'slq'", "did you mean 'sql'?", "sql User=ann"),
    Mistake("sql", 2, "RSC183", "RULE is missing", "rulescope sql RULE", "sql rules/shell.yml"),
    Mistake("sql rules/shel.yml", 1, "RSC140", "rules/shel.yml", "'rules/shell.yml'", "sql rules/shell.yml"),
    Mistake("sql rules", 2, "RSC102", "rules is a folder", "name one file of it", "sql rules/shell.yml"),
    Mistake("sql log.jsonl", 2, "RSC188", "log.jsonl is a log by its name", "rulescope search"),
    Mistake("sql two.yml#9", 1, "RSC140", "two.yml holds no rule '9'"),
    Mistake("sql shel", 0, "RSC186", "is called 'shel'", "did you mean 'shell'?", "sql shell"),
    Mistake("sql a=1 --dialect postgre", 2, "RSC101", "'postgre'", "did you mean 'postgres'?"),
    Mistake("sql a=1 --dialect mssql", 2, "RSC101", "'mssql'", "did you mean 'tsql'?"),
    Mistake("sql a=1 --dialect mongo", 2, "RSC101", "'mongo'", "one of: athena"),
    Mistake("sql a=1 --dialct spark", 2, "RSC181", "'--dialct'", "did you mean '--dialect'?"),
    Mistake("sql a=1 --database spark", 2, "RSC181", "'--database'", "did you mean '--dialect'?"),
    Mistake("sql a=1 --dialect", 2, "RSC183", "the option '--dialect' needs a value", "rulescope sql --help"),
    Mistake("sql User=ann --logs", 2, "RSC183", "the option '--logs' needs a value", "rulescope sql --help"),
    Mistake("sql User=ann --logs log.jsnl", 1, "LOG001", "log.jsnl", "'log.jsonl'", "sql User=ann --logs log.jsonl"),
    Mistake(
        "sql User=ann log.jsonl",
        2,
        "RSC184",
        "'log.jsonl' is one argument too many",
        "rulescope sql RULE --logs log.jsonl",
        "sql User=ann --logs log.jsonl",
    ),
    Mistake("sql Usr=ann --logs log.jsonl", 0, "RUN130", "the field 'Usr'", "'User'", "sql User=ann --logs log.jsonl"),
    Mistake("sql index=mian --logs log.jsonl", 0, "RUN132", "no event has index 'mian'", "there are: main"),
    Mistake("sql 'a=1 | stat count'", 1, "SPL021", "unknown command 'stat'", "did you mean 'stats'?"),
    Mistake("sql 'a=1 | eval n=lenght(a)'", 1, "RUN011", "the function 'lenght'", "did you mean 'len'?"),
    Mistake("sql a=1 --lookups rulse", 1, "RSC140", "no such lookup folder: rulse", "did you mean 'rules'?"),
    Mistake("sql a=1 --macros macros.cnf", 1, "RSC140", "no such file or folder: macros.cnf"),
    Mistake("sql a=1 -o a.sql", 2, "RSC181", "there is no option '-o'", "rulescope sql RULE > FILE"),
]
SHOW = [
    Mistake("shwo shell", 2, "RSC180", "there is no verb 'shwo'", "did you mean 'show'?", "show shell"),
    Mistake("show", 2, "RSC183", "RULE is missing", "rulescope show RULE", "show shell"),
    Mistake("show shel", 1, "RSC140", "no rule is called 'shel'", "did you mean 'shell'?", "show shell"),
    Mistake("show rules/shel.yml", 1, "RSC140", "'rules/shel.yml'", "'rules/shell.yml'", "show rules/shell.yml"),
    Mistake("show ./rules/shell.yml", 1, "RSC140", "'./rules/shell.yml'", "'rules/shell.yml'", "show rules/shell.yml"),
    Mistake(
        "show 11111111-1111-1111-1111-111111111112",
        1,
        "RSC140",
        "111111111112'",
        "'11111111-1111-1111-1111-111111111111'",
        "show 11111111-1111-1111-1111-111111111111",
    ),
    Mistake(
        "show two.yml", 1, "RSC140", "no rule is called 'two.yml'", "rulescope explain two.yml", "explain two.yml#1"
    ),
    Mistake("show index=main", 1, "RSC140", "'index=main'", "rulescope explain index=main", "explain index=main"),
    Mistake("show shell search", 2, "RSC184", "'search' is one argument too many", "rulescope show RULE", "show shell"),
    Mistake("show ''", 2, "RSC183", "an argument is empty", "a variable of the shell"),
    Mistake(
        "show shell --catalog rulescope.catalgo", 1, "RSC140", "no catalogue at", "'rulescope.catalog'", "show shell"
    ),
    Mistake("show shell --catalog rules", 1, "RSC140", "rules is a folder, not a catalogue", "name the file"),
    Mistake("show shell --catalog log.jsonl", 1, "RSC201", "log.jsonl is not a catalogue", "--catalog FILE"),
    Mistake("show shell --logs log.jsonl", 2, "RSC181", "'--logs' of show", "rulescope search RULE LOGS..."),
    Mistake("show shell --format json", 2, "RSC181", "'--format' of show", "did you mean '--json'?", "show shell"),
    Mistake("show shell --jsn", 2, "RSC181", "there is no option '--jsn'", "did you mean '--json'?", "show shell"),
]
STATS = [
    Mistake("stat", 2, "RSC180", "there is no verb 'stat'", "did you mean 'stats'?", "stats"),
    Mistake("list", 2, "RSC180", "there is no verb 'list'", "did you mean 'stats'?", "stats"),
    Mistake("stats rules", 2, "RSC184", "'rules' is one argument too many", "rulescope build RULES...", "build rules"),
    Mistake("stats ''", 2, "RSC183", "an argument is empty", "a variable of the shell"),
    Mistake("stats --catalog", 2, "RSC183", "the option '--catalog' needs a value", "rulescope stats --help"),
    Mistake("stats --catalog rulescope.catalgo", 1, "RSC140", "no catalogue at", "'rulescope.catalog'", "stats"),
    Mistake("stats --catalog r.db", 1, "RSC140", "no catalogue at r.db", "rulescope build RULES... --catalog FILE"),
    Mistake("stats --catalog rules", 1, "RSC140", "rules is a folder, not a catalogue", "name the file"),
    Mistake("stats --catalog log.jsonl", 1, "RSC201", "log.jsonl is not a catalogue", "--catalog FILE"),
    Mistake("stats --cataog c", 2, "RSC181", "there is no option '--cataog'", "did you mean '--catalog'?", "stats"),
    Mistake("stats --share", 2, "RSC181", "there is no option '--share'", "did you mean '--shared'?", "stats --shared"),
    Mistake("stats --format json", 2, "RSC181", "'--format' of stats", "did you mean '--json'?", "stats"),
    Mistake("stats -o s.json", 2, "RSC181", "no option '-o' of stats", "rulescope stats --json > FILE", "stats"),
    Mistake("stats --strict=everything", 2, "RSC182", "'everything' is not one of 'errors', 'all'"),
]
MISTAKES = [*BUILD, *SEARCH, *RUN, *EXPLAIN, *SQL, *SHOW, *STATS]
