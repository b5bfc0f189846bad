-- Made after the rows are in, which is faster than keeping them up along the way.
CREATE INDEX rule_by_identifier ON rule (identifier);
CREATE INDEX rule_by_language ON rule (language, parse);
CREATE INDEX indicator_by_field ON indicator (field_id, role);
CREATE INDEX indicator_by_value ON indicator (as_field_id, role, as_kind, comparable);
CREATE INDEX rule_field_by_field ON rule_field (field_id);
CREATE INDEX rule_event_by_event ON rule_event (event_key);
CREATE INDEX rule_attack_by_technique ON rule_attack (technique_id);
CREATE INDEX rule_attack_by_tactic ON rule_attack (tactic);
CREATE INDEX rule_macro_by_macro ON rule_macro (macro_id);
CREATE INDEX diagnostic_by_code ON diagnostic (code);
