// The statements that make the tables in SQLite, version by version.

/**
 * Step n brings the tables from version n to n + 1. Foreign keys are not enforced meanwhile, and checked at the end of the
 * step. A step that was released is never changed.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE load_balancers (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    scheme TEXT NOT NULL,
    vpc_id TEXT NOT NULL,
    ip_address_type TEXT NOT NULL,
    dns_name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    state_code TEXT NOT NULL,
    state_reason TEXT,
    UNIQUE (account_id, region, name)
  ) STRICT;
  CREATE INDEX load_balancers_in_order ON load_balancers (account_id, region, sequence);

  CREATE TABLE address_pools (
    pool TEXT NOT NULL PRIMARY KEY,
    next INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE node_addresses (
    address TEXT NOT NULL PRIMARY KEY,
    pool TEXT NOT NULL REFERENCES address_pools (pool)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE load_balancer_zones (
    load_balancer_arn TEXT NOT NULL REFERENCES load_balancers (arn) ON DELETE CASCADE,
    zone TEXT NOT NULL,
    subnet_id TEXT NOT NULL,
    address TEXT NOT NULL UNIQUE REFERENCES node_addresses (address),
    PRIMARY KEY (load_balancer_arn, zone)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE load_balancer_security_groups (
    load_balancer_arn TEXT NOT NULL REFERENCES load_balancers (arn) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    security_group_id TEXT NOT NULL,
    PRIMARY KEY (load_balancer_arn, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE listeners (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    load_balancer_arn TEXT NOT NULL REFERENCES load_balancers (arn) ON DELETE CASCADE,
    protocol TEXT NOT NULL,
    port INTEGER NOT NULL,
    UNIQUE (load_balancer_arn, port)
  ) STRICT;
  CREATE INDEX listeners_in_order ON listeners (load_balancer_arn, sequence);

  CREATE TABLE rules (
    arn TEXT NOT NULL PRIMARY KEY,
    listener_arn TEXT NOT NULL REFERENCES listeners (arn) ON DELETE CASCADE,
    load_balancer_arn TEXT NOT NULL,
    position INTEGER NOT NULL,
    conditions TEXT NOT NULL,
    actions TEXT NOT NULL,
    UNIQUE (listener_arn, position)
  ) STRICT;
  CREATE INDEX rules_of_load_balancer ON rules (load_balancer_arn, position);

  CREATE TABLE target_groups (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    protocol TEXT NOT NULL,
    protocol_version TEXT NOT NULL,
    port INTEGER NOT NULL,
    vpc_id TEXT NOT NULL,
    target_type TEXT NOT NULL,
    ip_address_type TEXT NOT NULL,
    health_check TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (account_id, region, name)
  ) STRICT;
  CREATE INDEX target_groups_in_order ON target_groups (account_id, region, sequence);

  CREATE TABLE rule_target_groups (
    rule_arn TEXT NOT NULL REFERENCES rules (arn) ON DELETE CASCADE,
    target_group_arn TEXT NOT NULL REFERENCES target_groups (arn),
    load_balancer_arn TEXT NOT NULL,
    PRIMARY KEY (rule_arn, target_group_arn)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX use_of_target_group ON rule_target_groups (target_group_arn, load_balancer_arn);
  CREATE INDEX target_groups_of_load_balancer ON rule_target_groups (load_balancer_arn, target_group_arn);

  CREATE TABLE targets (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    target_group_arn TEXT NOT NULL REFERENCES target_groups (arn) ON DELETE CASCADE,
    id TEXT NOT NULL,
    port INTEGER NOT NULL,
    address TEXT NOT NULL,
    zone TEXT NOT NULL,
    drains_until INTEGER,
    UNIQUE (target_group_arn, id, port)
  ) STRICT;
  CREATE INDEX targets_in_order ON targets (target_group_arn, sequence);
  CREATE INDEX draining_targets ON targets (drains_until) WHERE drains_until IS NOT NULL;

  CREATE TABLE attributes (
    resource_arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (resource_arn, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tags (
    resource_arn TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (resource_arn, key)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE certificates (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    facts TEXT NOT NULL,
    request TEXT,
    idempotency_token TEXT,
    certificate TEXT NOT NULL,
    chain TEXT,
    private_key TEXT NOT NULL
  ) STRICT;
  CREATE INDEX certificates_in_order ON certificates (account_id, region, sequence);
  CREATE INDEX certificates_by_token ON certificates (account_id, region, idempotency_token, sequence)
    WHERE idempotency_token IS NOT NULL;

  CREATE TABLE server_certificates (
    arn TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    id TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL,
    facts TEXT NOT NULL,
    certificate TEXT NOT NULL,
    chain TEXT,
    private_key TEXT NOT NULL,
    UNIQUE (account_id, name)
  ) STRICT;

  CREATE TABLE certificate_authorities (
    name TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL,
    private_key TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE capacity_reservations (
    load_balancer_arn TEXT NOT NULL PRIMARY KEY REFERENCES load_balancers (arn) ON DELETE CASCADE,
    units INTEGER,
    modified_at INTEGER NOT NULL,
    decreases INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE listeners ADD COLUMN ssl_policy TEXT;
  ALTER TABLE listeners ADD COLUMN certificate_arn TEXT;
  ALTER TABLE listeners ADD COLUMN mutual_authentication TEXT;
  ALTER TABLE listeners ADD COLUMN trust_store_arn TEXT;
  CREATE INDEX listeners_of_certificate ON listeners (certificate_arn) WHERE certificate_arn IS NOT NULL;
  CREATE INDEX listeners_of_trust_store ON listeners (trust_store_arn) WHERE trust_store_arn IS NOT NULL;

  CREATE TABLE listener_certificates (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    listener_arn TEXT NOT NULL REFERENCES listeners (arn) ON DELETE CASCADE,
    load_balancer_arn TEXT NOT NULL,
    certificate_arn TEXT NOT NULL,
    UNIQUE (listener_arn, certificate_arn)
  ) STRICT;
  CREATE INDEX lists_with_certificate ON listener_certificates (certificate_arn);
  CREATE INDEX certificates_of_load_balancer ON listener_certificates (load_balancer_arn, certificate_arn);

  ALTER TABLE rules ADD COLUMN transforms TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE rules ADD COLUMN client_secret TEXT;
  `,
  `
  CREATE TABLE trust_stores (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    ca_certificates INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    bundle TEXT NOT NULL,
    last_revocation_id INTEGER NOT NULL,
    UNIQUE (account_id, region, name)
  ) STRICT;
  CREATE INDEX trust_stores_in_order ON trust_stores (account_id, region, sequence);

  CREATE TABLE revocation_lists (
    trust_store_arn TEXT NOT NULL REFERENCES trust_stores (arn) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (trust_store_arn, id)
  ) STRICT;
  `,
  `
  CREATE TABLE network_items (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    UNIQUE (region, id)
  ) STRICT;
  CREATE INDEX load_balancers_of_security_group ON load_balancer_security_groups (security_group_id);
  `,
  `
  CREATE TABLE cookie_keys (
    id INTEGER PRIMARY KEY,
    secret TEXT NOT NULL,
    used_from INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE INDEX targets_by_id ON targets (id);
  `,
  `
  CREATE TABLE zonal_shifts (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    load_balancer_arn TEXT NOT NULL,
    away_from TEXT NOT NULL,
    comment TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    is_canceled INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX zonal_shifts_in_order ON zonal_shifts (account_id, region, sequence);
  CREATE INDEX zonal_shifts_of_load_balancer ON zonal_shifts (load_balancer_arn, sequence);
  CREATE INDEX zonal_shifts_by_end ON zonal_shifts (is_canceled, expires_at);
  `,
  `
  -- Names are unique among load balancers of a kind. SQLite changes a constraint only with the whole table.
  CREATE TABLE load_balancers_by_kind (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    arn TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    scheme TEXT NOT NULL,
    vpc_id TEXT NOT NULL,
    ip_address_type TEXT NOT NULL,
    dns_name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    state_code TEXT NOT NULL,
    state_reason TEXT,
    UNIQUE (account_id, region, kind, name)
  ) STRICT;
  INSERT INTO load_balancers_by_kind
    SELECT sequence, arn, account_id, region, 'application', name, scheme, vpc_id, ip_address_type, dns_name,
      created_at, state_code, state_reason
    FROM load_balancers;
  DELETE FROM sqlite_sequence WHERE name = 'load_balancers_by_kind';
  INSERT INTO sqlite_sequence (name, seq)
    SELECT 'load_balancers_by_kind', seq FROM sqlite_sequence WHERE name = 'load_balancers';
  DROP TABLE load_balancers;
  ALTER TABLE load_balancers_by_kind RENAME TO load_balancers;
  CREATE INDEX load_balancers_in_order ON load_balancers (account_id, region, kind, sequence);
  CREATE INDEX load_balancers_of_vpc ON load_balancers (vpc_id, region);
  CREATE INDEX nodes_of_subnet ON load_balancer_zones (subnet_id);
  `,
]
