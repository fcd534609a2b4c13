"""`jiandu witness`: the same words under the county's command, for whoever has it at hand."""

import typer

from ops.witness.words import main


def witness(context: typer.Context) -> None:
    main(context.args, called="jiandu witness")
