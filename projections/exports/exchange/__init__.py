"""交换 exchange: rows as the national and provincial tables of cases ask for them, whole or only what changed.

`handling`   a dossier in the terms of the standards: receipt, steps, special procedures, result
`gbt39046`   GB/T 39046—2020, tables 5–8, 11, 14 and 15
`national`   the tables `up_pro_…` of the national platform
`guangdong`  the ten messages of Guangdong's exchange
`delta`      what changed since a position of the log

A code stands where the standard prints its code set (A.1–A.8, A/B, G/Z); elsewhere the Chinese word, which the
receiving side maps. What the log does not know is empty. Where a name is asked for stands the reference under which
the county keeps the person, or the number of a member of staff.
"""
