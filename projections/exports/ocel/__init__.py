"""OCEL 2.0: cases and everything they touch as objects, with events that relate to several of them.

`types`     what kinds of objects there are, and what their relations are called
`telling`   what a dossier says: events, objects, relations, values that change
`database`  the SQLite form, built in a file that knows every object once
`document`  the JSON form, read out of that file piece by piece

Source: OCEL (Object-Centric Event Log) 2.0 Specification, October 2023.
"""
