"""What each diagnostic of the SPL front end means; docs/reference/spl/errors.md is made from this table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says, what happens to the stage, and a search that gives it (None where it takes macros or size)."""

    meaning: str
    effect: str
    example: str | None


_UNREAD = "The stage is not read; the others are."
_READ = "The stage is read all the same."
_MENDED = "The stage is read as it was probably meant; the search is not run so."

CODES: dict[str, Code] = {
    "SPL001": Code(
        "A text in quotes is not closed.",
        "Where the search reads well without the quote, it is read so, and not run; else the stage is not read.",
        'index=main user="bob',
    ),
    "SPL002": Code("A macro call is not closed by a backtick.", _UNREAD, "index=main `failed_logins(5) user=bob"),
    "SPL003": Code(
        "A subsearch is not closed, or a `]` closes none.",
        "An open subsearch is read to the end of the text; the search is not run so.",
        "index=main [search index=hr | fields user",
    ),
    "SPL004": Code(
        "A parenthesis is not closed, or a `)` closes none.",
        "The stage is read as if it were closed, or without it, where the rest makes sense so, and not run so.",
        "index=main (user=bob OR user=ann",
    ),
    "SPL005": Code("Brackets or subsearches nest deeper than is read.", _UNREAD, f"index=main {'(' * 200}a{')' * 200}"),
    "SPL006": Code("The search is longer than 500,000 characters.", "The search is not read.", None),
    "SPL007": Code("More was found than is listed.", "Errors are listed before other findings.", None),
    "SPL010": Code("Something else stands where a part of the command is expected.", _UNREAD, "index=main | where a >"),
    "SPL011": Code("An option has no value after its `=`.", _UNREAD, "index=main | transaction user maxspan="),
    "SPL013": Code("AND, OR or NOT lacks a side in a search condition.", _UNREAD, "index=main user=bob OR"),
    "SPL014": Code(
        "A comparison in a search lacks its field or value, or IN its values.", _UNREAD, "index=main user IN ()"
    ),
    "SPL015": Code(
        "`or`, `and`, `not`, `in`, `term(` and `case(` are words to look for in a search; operators are in capitals.",
        "The word is looked for in the event; `in` with a list is read as IN.",
        "index=main user=bob or user=ann",
    ),
    "SPL016": Code("`search` compares with one `=`; `==` is for `eval` and `where`.", _READ, "index=main user==bob"),
    "SPL017": Code(
        "There is no command between two pipes, or after the last.",
        "The empty place is left out.",
        "index=main | | head",
    ),
    "SPL018": Code(
        "The search begins with a command's name and no pipe, where Splunk would look for the word.",
        "It is read as the command.",
        "tstats count WHERE index=main",
    ),
    "SPL019": Code("The text holds no search.", "The rule is failed.", " "),
    "SPL020": Code("A stage does not begin with a command.", _UNREAD, "index=main | =5"),
    "SPL021": Code("Splunk has no such command; an app may bring it.", _UNREAD, "index=main | stat count"),
    "SPL022": Code(
        "The command has no such option.", "The option is left out.", "index=main | dedup user keepemtpy=true"
    ),
    "SPL023": Code(
        "An option's value is not of its kind (a number, true or false, a span, one of a few words).",
        _MENDED,
        "index=main | bin _time span=5x",
    ),
    "SPL024": Code(
        "Something stands among the arguments that the command can't take; often a pipe is missing before it.",
        _UNREAD,
        "index=main | where x>1 stats count",
    ),
    "SPL025": Code("There is no such eval or convert function.", _READ, "index=main | eval a=lenght(b)"),
    "SPL026": Code("A function is called with too few or too many arguments.", _READ, "index=main | eval a=if(b>1, 2)"),
    "SPL027": Code(
        "A blank is missing between an operator's word and what follows.",
        _MENDED,
        "index=main | where a=1 ANDlike(b, c)",
    ),
    "SPL028": Code("Expressions have no such operator.", _MENDED, 'index=main | where a contains "b"'),
    "SPL029": Code("The command is known, but an app brings it, not Splunk.", _READ, "index=main | avlbase64 body"),
    "SPL030": Code(
        "`match` or `like` is given a comparison where it takes a field and a pattern.",
        "It is read with a comma in place of the `=`; the search is not run so.",
        'index=main | where match(url="^http:")',
    ),
    "SPL031": Code("A macro calls itself.", "It stays a call.", None),
    "SPL032": Code(
        "Macros call one another too deep, or make the search too long.", "What is left stays a call.", None
    ),
    "SPL033": Code(
        "A macro is computed by an eval expression that is not run here.",
        "It stays a call.",
        None,
    ),
    "SPL034": Code("The body of a macro has a parameter that is none of its arguments.", "It stays as written.", None),
    "SPL035": Code("A macro is defined with another number of arguments.", "It stays a call.", None),
    "SPL040": Code("A grouping command has no function.", _UNREAD, "index=main | stats BY user"),
    "SPL041": Code(
        "A statistical function has no field in brackets.",
        "It is read as computed for every field, as Splunk did of old.",
        "index=main | stats values BY user",
    ),
    "SPL042": Code("There is no such statistical function.", _UNREAD, "index=main | stats vales(user)"),
    "SPL043": Code("A condition is missing.", _UNREAD, "index=main | where"),
    "SPL044": Code("`regex` has no regular expression.", _UNREAD, "index=main | regex user="),
    "SPL045": Code(
        "A field, a name or another argument that the command needs is missing.", _UNREAD, "index=main | table"
    ),
    "SPL046": Code("An assignment or its value is missing.", _UNREAD, "index=main | eval a="),
    "SPL047": Code(
        "A name with blanks stands without quotes on the left of `=`.", _READ, "index=main | eval my field=1"
    ),
    "SPL048": Code(
        "`rex` has no regular expression, or one that goes on after its closing quote.",
        "Without one the stage is not read; one that goes on is read to the stage's end, and the search not run so.",
        "index=main | rex field=url",
    ),
    "SPL049": Code(
        "The regular expression of `rex` has no named group, so nothing is extracted.", _READ, 'index=main | rex "a.c"'
    ),
    "SPL050": Code(
        "The command needs a subsearch, a pipeline in brackets, or a search.", _UNREAD, "index=main | join user"
    ),
    "SPL051": Code("An option that the command needs is missing.", _READ, 'index=main | sendemail subject="found"'),
    "SPL053": Code(
        "The search begins with a pipe and a command that makes no rows of its own.",
        "It is read; run, it works on no rows.",
        "| where a=1",
    ),
    "SPL054": Code(
        "A value in `search` begins with a single quote; only `eval` and `where` know those, around names of fields.",
        _READ,
        "index=main user='bob'",
    ),
    "SPL055": Code(
        "The name of a command stands among the words of a search, where it is looked for in events.",
        _READ,
        "index=main stats count by user",
    ),
    "SPL052": Code(
        "The brackets of a regular expression do not balance, so no engine can take it.",
        _READ,
        'index=main | rex "(?<a>[b)"',
    ),
}


def render_page() -> str:
    """The page docs/reference/spl/errors.md."""
    rows = [
        "# What the SPL parser says",
        "",
        "<!-- Made from src/rulescope/languages/spl/codes.py; its test says how to make it anew. -->",
        "",
        "Every diagnostic has a code that stays, a severity, the place in the rule's file and, where there is one,",
        "a way out. An error leaves its stage unread (`opaque`) unless the table says otherwise;",
        "warnings and infos never do. A search with an error is never `full`, and is not run: where a stage was mended",
        "to be read, pages show that reading. One with a warning runs, and the warning is told with what it found.",
        "",
        "| code | meaning | what becomes of the stage | example |",
        "|---|---|---|---|",
    ]
    for name, code in sorted(CODES.items()):
        example = "" if code.example is None else _cell(code.example)
        rows.append(f"| {name} | {code.meaning} | {code.effect} | {example} |")
    return "\n".join(rows) + "\n"


def _cell(example: str) -> str:
    """A search as code in a table's cell; long ones and blanks are told rather than shown."""
    if len(example) > 80:
        return "200 brackets in one another"
    if not example.strip():
        return "an empty text"
    text = example.replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"
