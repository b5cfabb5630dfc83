/*
 * rules: procedures as data, and the pure function from the acts of a matter,
 * and what witnesses prove, to its state.  It knows no mechanism: what one is
 * stands in procedures/.  No clock, no disk, no floating point but in forms.
 *
 *   procedure   load a procedure file and refuse a faulty one
 *   form        the test of a body against its form
 *   fold        acts and evidence to state, verdicts, terms, rights
 * Language: docs/procedures.md.  Reference: tests/oracle/reference.py.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H
#endif
