"""Exports: the record in the forms that others read.

`xes`       IEEE 1849-2016, one trace a case: for process mining by case
`ocel/`     OCEL 2.0 as JSON and SQLite: for process mining by objects
`exchange/` rows of the national and provincial exchange tables

None of it is a projection: nothing is stored. Each reads the views in one snapshot and gives what it reads on, a few
hundred cases at a time. The figures are those of the finders of clock, custody and case card, never counted anew.
"""
