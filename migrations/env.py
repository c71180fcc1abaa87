"""Run the migrations on the connection that `core.database` hands over.

There is no other way in: a migration runs in the one transaction that also makes its
version known, so a crash leaves the former schema.
"""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=None)
context.run_migrations()
