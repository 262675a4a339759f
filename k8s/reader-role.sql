-- The database role of batch workers, which only read. Run it once with psql in Docmill's
-- database, as the role that owns (or will own) the tables, with the new role's password
-- in the variable READER_PASSWORD:
--
--   READER_PASSWORD=… psql --set=ON_ERROR_STOP=1 --file=k8s/reader-role.sql DATABASE-URL
--
-- It grants whole tables, as those to come cannot be granted by column. docs/operations.md
-- says how to leave the role only the columns it reads.
\getenv password READER_PASSWORD
CREATE ROLE docmill_reader LOGIN PASSWORD :'password';
GRANT USAGE ON SCHEMA public TO docmill_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO docmill_reader;
-- And on those that later migrations add.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO docmill_reader;
