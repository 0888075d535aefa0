-- The housing database: the same rows every time, made by the server itself, :rows of them in all.
SET ROLE housing;
BEGIN;
CREATE TABLE properties (
    id       bigint PRIMARY KEY,
    address  text NOT NULL,
    district text NOT NULL
);
CREATE TABLE tenants (
    id          bigint PRIMARY KEY,
    name        text NOT NULL,
    property_id bigint NOT NULL REFERENCES properties
);
-- A client numbers its own requests, so that one sent again after a lost answer is stored once.
CREATE TABLE repairs (
    id         bigserial PRIMARY KEY,
    client_id  text NOT NULL,
    client_seq bigint NOT NULL,
    note       text NOT NULL,
    created    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (client_id, client_seq)
);

INSERT INTO properties
SELECT n, n || ' Peckham Road', (ARRAY['Camberwell', 'Dulwich', 'Nunhead', 'Rotherhithe', 'Walworth'])[1 + n % 5]
FROM generate_series(1, :rows * 6 / 100) AS n;

INSERT INTO tenants
SELECT n, 'Tenant ' || n, 1 + n % (:rows * 6 / 100)
FROM generate_series(1, :rows * 10 / 100) AS n;

INSERT INTO repairs (client_id, client_seq, note, created)
SELECT 'archive', n, 'Repair ' || md5(n::text), timestamptz '2016-01-01 09:00:00+00' + n * interval '2 minutes'
FROM generate_series(1, :rows - :rows * 6 / 100 - :rows * 10 / 100) AS n;
COMMIT;
VACUUM ANALYZE;
