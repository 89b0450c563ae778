-- The owner's and the application's roles: what app/core/postgres/roles.py makes for the embedded server.
-- The image of PostgreSQL runs this once, on an empty volume, as its superuser.
\set ON_ERROR_STOP on
\getenv owner_password ALLIAGE_OWNER_PASSWORD
\getenv app_password ALLIAGE_APP_PASSWORD

CREATE ROLE alliage_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'owner_password';
CREATE ROLE alliage_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'app_password';
-- The log never holds what people wrote, nor their addresses.
ALTER ROLE alliage_owner SET log_min_messages = 'log';
ALTER ROLE alliage_app SET log_min_messages = 'log';

CREATE DATABASE alliage OWNER alliage_owner;
REVOKE ALL ON DATABASE alliage FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE alliage TO alliage_app;

\connect alliage
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO alliage_app;
