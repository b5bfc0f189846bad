"""IR to SQL: a pipeline becomes a chain of CTEs, one a stage, built as a tree that prints for any dialect.

The way of a search: `compiling.walk_stages` walks the stages; the compiler that the `Dialect` has for each takes a
`Frame` (a relation and its `Schema`: which fields there are, in which columns, of what type) and gives the next one.
Only columns that something later reads are carried (`frame.Program.assemble`). Where a stage's columns depend on the
data, its compiler has the rows so far put into a temporary table (`Context.materialize`), looks at them and goes on.

`compiling` stands below all compilers: they register with it (`@compiles_predicate`, `@compiles_expression`) or with a
dialect, and come back to it for what stands inside their node, so that none imports another.

To add a stage: a function in a module of `stages/` (one a family) with `@compiles(StageClass)` (or
`@compiles_command("name")` for a command without a class of its own) that takes `(stage, frame, context)` and gives a
`Frame`; new modules are imported in `stages/__init__.py`. What can't be run is a `Refusal`, never a guess. What changes
which rows there are must stand in the CTE's body (WHERE, QUALIFY, JOIN), as projections that nobody reads are dropped.

To add a function of `eval`: a function in a module of `functions/` with `@function("name", least=1, most=2)` that takes
`Arguments` and gives a `Value`. Prefer SQL; what SQL can't do is a call of `spl_…`, defined as a macro in
`duckdb/prelude.sql` or as a Python function in `duckdb/functions/`.
"""
