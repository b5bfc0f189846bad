-- Every question that is asked of the catalogue, by name. All values are bound parameters.

-- name: links
SELECT rule_id, rule.slug, path, repository.name AS repository, title, language, parse, identifier, severity
FROM rule JOIN repository USING (repository_id) ORDER BY rule_id;

-- name: link_techniques
SELECT DISTINCT rule_id, technique_id FROM rule_attack WHERE technique_id IS NOT NULL ORDER BY rule_id, position;

-- name: status_counts
SELECT repository.name AS repository, language, parse, count(*) AS rules
FROM rule JOIN repository USING (repository_id) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: diagnosed
SELECT severity, count(DISTINCT rule_id) AS rules FROM diagnostic GROUP BY severity ORDER BY severity;

-- name: passed_over
SELECT account, passed_over.path, code, passed_over.severity, message, hint, line, "column", slug
FROM passed_over LEFT JOIN rule USING (rule_id) WHERE account <> 'noted' ORDER BY number;

-- name: noted_in_files
SELECT account, code, severity, count(*) AS places, min(number), path, message, hint, line, "column"
FROM passed_over WHERE account = 'noted'
GROUP BY code, severity ORDER BY severity = 'info', places DESC, code;

-- name: other_files
SELECT ending, files FROM other_file ORDER BY files DESC, ending;

-- name: totals
SELECT (SELECT count(*) FROM stage) AS stages,
       (SELECT count(*) FROM indicator WHERE role = 'indicator') AS indicators,
       (SELECT count(*) FROM technique) AS techniques,
       (SELECT count(*) FROM event) AS events,
       (SELECT count(*) FROM (
           SELECT field_id FROM indicator WHERE role <> 'threshold'
           UNION SELECT as_field_id FROM indicator WHERE role = 'indicator')) AS fields;

-- name: causes
SELECT code, count(DISTINCT rule_id) AS rules
FROM diagnostic JOIN rule USING (rule_id)
WHERE parse <> 'full' AND diagnostic.severity = 'error' GROUP BY code ORDER BY rules DESC, code;

-- name: cause_messages
SELECT message, count(DISTINCT rule_id) AS rules, min(rule_id) AS rule_id
FROM diagnostic JOIN rule USING (rule_id)
WHERE parse <> 'full' AND diagnostic.severity = 'error' AND code = :code
GROUP BY message ORDER BY rules DESC, message;

-- name: repositories
SELECT slug, name, license FROM repository ORDER BY repository_id;

-- name: find_rule
SELECT rule_id FROM rule JOIN repository USING (repository_id)
WHERE rule.slug = :name OR path = :name OR identifier = :name OR path = repository.name || '/' || :name
ORDER BY rule_id;

-- name: find_title
SELECT rule_id FROM rule WHERE title = :name COLLATE NOCASE ORDER BY rule_id;

-- name: rule_names
SELECT slug, path, identifier, title FROM rule ORDER BY rule_id;

-- name: record
SELECT record FROM rule WHERE rule_id = :rule_id;

-- name: rule_values
SELECT role, position, own.slug AS field_slug, compared.name AS as_field, compared.slug AS as_field_slug, as_kind,
       as_value, comparable, derived, others, others_derived, others_by_language
FROM indicator JOIN field AS own USING (field_id) JOIN field AS compared ON compared.field_id = as_field_id
WHERE rule_id = :rule_id ORDER BY role, position;

-- name: rule_fields
SELECT name, slug FROM rule_field JOIN field USING (field_id) WHERE rule_id = :rule_id GROUP BY name ORDER BY name;

-- name: rule_events
SELECT provider, event_id, title, evidence, derived, alike, slug, provider_slug
FROM rule_event JOIN event USING (event_key) WHERE rule_id = :rule_id ORDER BY position;

-- name: rule_macros
SELECT macro.macro_id, name, slug, rule_macro.known AS known, meaning
FROM rule_macro JOIN macro USING (macro_id) WHERE rule_id = :rule_id ORDER BY name;

-- name: rule_relations
SELECT kind, other_id, why FROM relation WHERE rule_id = :rule_id ORDER BY kind, position;

-- name: macros
SELECT slug, name, known, meaning, (SELECT count(*) FROM rule_macro WHERE rule_macro.macro_id = macro.macro_id) AS rules
FROM macro ORDER BY name;

-- name: missing_macros
SELECT macro.slug, name, macro.known AS known, meaning, count(*) AS rules
FROM rule_macro JOIN macro USING (macro_id) WHERE rule_macro.known = 0 GROUP BY macro_id ORDER BY rules DESC, name;

-- name: macro
SELECT macro_id, slug, name, known, meaning,
       (SELECT count(*) FROM rule_macro WHERE rule_macro.macro_id = macro.macro_id) AS rules
FROM macro WHERE slug = :slug;

-- name: macro_definitions
SELECT arguments, definition, origin FROM macro_definition WHERE macro_id = :macro_id ORDER BY position;

-- name: macro_rules
SELECT rule_id FROM rule_macro WHERE macro_id = :macro_id ORDER BY rule_id;

-- name: tactics
SELECT tactic, slug FROM tactic ORDER BY position;

-- name: technique
SELECT technique_id, name, status, parent FROM technique WHERE technique_id = :technique_id;

-- name: techniques
SELECT technique_id, name, status, parent FROM technique ORDER BY technique_id;

-- name: coverage
SELECT DISTINCT tactic, technique_id, rule_id FROM rule_attack ORDER BY tactic, technique_id, rule_id;

-- name: unmapped
SELECT count(*) AS rules FROM rule WHERE rule_id NOT IN (SELECT rule_id FROM rule_attack WHERE technique_id IS NOT NULL);

-- name: technique_rules
SELECT DISTINCT rule_id FROM rule_attack WHERE technique_id = :technique_id ORDER BY rule_id;

-- name: tactic_rules
SELECT DISTINCT rule_id FROM rule_attack WHERE tactic = :tactic ORDER BY rule_id;

-- name: events
SELECT event_key, slug, provider, provider_slug, event_id, title, channel, fields,
       count(*) FILTER (WHERE rule_event.derived = 0) AS rules,
       count(*) FILTER (WHERE rule_event.derived = 1) AS derived_rules
FROM event LEFT JOIN (
    SELECT event_key, rule_id, min(derived) AS derived FROM rule_event GROUP BY event_key, rule_id
) AS rule_event USING (event_key) GROUP BY event_key ORDER BY event_key;

-- name: event_rules
SELECT rule_id FROM rule_event WHERE event_key = :event_key
GROUP BY rule_id HAVING min(derived) = :derived ORDER BY rule_id;

-- name: provider_rules
SELECT rule_id FROM rule_event JOIN event USING (event_key) WHERE provider_slug = :provider_slug
GROUP BY rule_id HAVING min(derived) = :derived ORDER BY rule_id;

-- name: event_values
SELECT field.name AS field, field.slug AS field_slug, as_kind AS kind, comparable, max(as_value) AS value,
       count(DISTINCT rule_id) AS rules, json_group_array(DISTINCT rule_id) AS rule_ids,
       json_group_array(DISTINCT CASE WHEN derived <> '' THEN json_array(written, kind, value) || '' END) AS ways
FROM indicator JOIN field ON field.field_id = as_field_id
WHERE role = 'indicator' AND rule_id IN (SELECT rule_id FROM rule_event WHERE event_key = :event_key)
GROUP BY as_field_id, as_kind, comparable ORDER BY rules DESC, field, as_kind, value;

-- name: shared_values
SELECT rule_id, language, as_field_id, field.name AS field, field.slug AS field_slug, as_kind, as_value, comparable,
       derived <> '' AS derived, others_by_language
FROM indicator JOIN rule USING (rule_id) JOIN field ON field.field_id = as_field_id
WHERE role = 'indicator' ORDER BY rule_id, position;

-- name: fields
SELECT field_id, field.slug, name, count(DISTINCT rule_id) AS rules, count(DISTINCT comparison) AS "values",
       json_group_array(DISTINCT written) AS written
FROM (
    SELECT as_field_id AS field_id, rule_id, written, as_kind || ' ' || comparable AS comparison
    FROM indicator WHERE role = 'indicator'
    UNION ALL
    SELECT field_id, rule_id, written, CASE role WHEN 'exclusion' THEN kind || ' ' || comparable END
    FROM indicator WHERE role = 'exclusion' OR (role = 'indicator' AND derived <> '')
) JOIN field USING (field_id) GROUP BY field_id ORDER BY name;

-- name: field_values
SELECT field.name AS field, field.slug AS field_slug, as_kind AS kind, comparable, max(as_value) AS value,
       count(DISTINCT rule_id) AS rules, json_group_array(DISTINCT rule_id) AS rule_ids,
       json_group_array(DISTINCT CASE WHEN derived <> '' THEN json_array(written, kind, value) || '' END) AS ways
FROM indicator JOIN field ON field.field_id = as_field_id
WHERE role = 'indicator' AND as_field_id = :field_id GROUP BY as_kind, comparable ORDER BY rules DESC, as_kind, value;

-- name: field_elsewhere
SELECT field.name, field.slug, count(DISTINCT rule_id) AS rules, min(derived) AS derived
FROM indicator JOIN field ON field.field_id = as_field_id
WHERE role = 'indicator' AND indicator.field_id = :field_id AND as_field_id <> :field_id
GROUP BY as_field_id ORDER BY rules DESC, field.name;

-- name: field_rules
SELECT rule_id FROM indicator WHERE role <> 'threshold' AND field_id = :field_id
UNION SELECT rule_id FROM indicator WHERE role = 'indicator' AND as_field_id = :field_id ORDER BY rule_id;

-- name: search
SELECT rowid AS rule_id, snippet(rule_text, -1, '[', ']', '…', 16) AS excerpt
FROM rule_text WHERE rule_text MATCH :words
ORDER BY bm25(rule_text, 8.0, 2.0, 6.0, 4.0, 3.0, 3.0), rowid LIMIT :limit;

-- name: meta
SELECT name, value FROM meta;

-- name: rule_count
SELECT count(*) AS rules FROM rule;

-- name: kept_files
SELECT file_id, repository, path, hash, content FROM file;

-- name: kept_rules
SELECT file_id, record, macro_hash FROM rule ORDER BY rule_id;

-- name: rule_fired
SELECT run.at, run.logs, run.events AS total_events, run_rule.status, run_rule."rows", run_rule.events, run_rule.message
FROM run_rule CROSS JOIN run
WHERE run_rule.rule_id = :rule_id;

-- name: rule_fired_events
SELECT file, record FROM run_event WHERE rule_id = :rule_id ORDER BY position;
