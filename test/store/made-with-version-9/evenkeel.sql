PRAGMA application_id = 1702260331;
PRAGMA user_version = 9;
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
    port INTEGER NOT NULL, ssl_policy TEXT, certificate_arn TEXT, mutual_authentication TEXT, trust_store_arn TEXT,
    UNIQUE (load_balancer_arn, port)
  ) STRICT;
CREATE INDEX listeners_in_order ON listeners (load_balancer_arn, sequence);
CREATE TABLE rules (
    arn TEXT NOT NULL PRIMARY KEY,
    listener_arn TEXT NOT NULL REFERENCES listeners (arn) ON DELETE CASCADE,
    load_balancer_arn TEXT NOT NULL,
    position INTEGER NOT NULL,
    conditions TEXT NOT NULL,
    actions TEXT NOT NULL, transforms TEXT NOT NULL DEFAULT '[]', client_secret TEXT,
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
CREATE TABLE capacity_reservations (
    load_balancer_arn TEXT NOT NULL PRIMARY KEY REFERENCES load_balancers (arn) ON DELETE CASCADE,
    units INTEGER,
    modified_at INTEGER NOT NULL,
    decreases INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
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
CREATE TABLE network_items (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    UNIQUE (region, id)
  ) STRICT;
CREATE INDEX load_balancers_of_security_group ON load_balancer_security_groups (security_group_id);
CREATE TABLE cookie_keys (
    id INTEGER PRIMARY KEY,
    secret TEXT NOT NULL,
    used_from INTEGER NOT NULL
  ) STRICT;
CREATE INDEX targets_by_id ON targets (id);
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
INSERT INTO load_balancers (sequence, arn, account_id, region, name, scheme, vpc_id, ip_address_type, dns_name, created_at, state_code, state_reason) VALUES (1, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', '123456789012', 'us-east-2', 'one', 'internet-facing', 'vpc-0598c7d356EXAMPLE', 'ipv4', 'one-1147973606.us-east-2.elb.amazonaws.com', 1795262400000, 'active', NULL);
INSERT INTO load_balancers (sequence, arn, account_id, region, name, scheme, vpc_id, ip_address_type, dns_name, created_at, state_code, state_reason) VALUES (2, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', '123456789012', 'us-east-2', 'two', 'internal', 'vpc-0598c7d356EXAMPLE', 'ipv4', 'internal-two-1815189322.us-east-2.elb.amazonaws.com', 1795262400000, 'failed', 'Cannot bind 127.1.0.2:8080');
INSERT INTO address_pools (pool, next, used) VALUES ('127.1.0.0/16', 2, 2);
INSERT INTO address_pools (pool, next, used) VALUES ('127.2.0.0/16', 2, 2);
INSERT INTO address_pools (pool, next, used) VALUES ('127.3.0.0/16', 1, 1);
INSERT INTO node_addresses (address, pool) VALUES ('127.1.0.1', '127.1.0.0/16');
INSERT INTO node_addresses (address, pool) VALUES ('127.1.0.2', '127.1.0.0/16');
INSERT INTO node_addresses (address, pool) VALUES ('127.2.0.1', '127.2.0.0/16');
INSERT INTO node_addresses (address, pool) VALUES ('127.2.0.2', '127.2.0.0/16');
INSERT INTO node_addresses (address, pool) VALUES ('127.3.0.1', '127.3.0.0/16');
INSERT INTO load_balancer_zones (load_balancer_arn, zone, subnet_id, address) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'us-east-2a', 'subnet-0e3f5cac72EXAMPLE', '127.1.0.1');
INSERT INTO load_balancer_zones (load_balancer_arn, zone, subnet_id, address) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'us-east-2b', 'subnet-081ec835f3EXAMPLE', '127.2.0.1');
INSERT INTO load_balancer_zones (load_balancer_arn, zone, subnet_id, address) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'us-east-2a', 'subnet-0e3f5cac72EXAMPLE', '127.1.0.2');
INSERT INTO load_balancer_zones (load_balancer_arn, zone, subnet_id, address) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'us-east-2b', 'subnet-081ec835f3EXAMPLE', '127.2.0.2');
INSERT INTO load_balancer_zones (load_balancer_arn, zone, subnet_id, address) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'us-east-2c', 'subnet-0c92d4b61aEXAMPLE', '127.3.0.1');
INSERT INTO load_balancer_security_groups (load_balancer_arn, position, security_group_id) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 0, 'sg-0301d4c003f5e7839');
INSERT INTO load_balancer_security_groups (load_balancer_arn, position, security_group_id) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 0, 'sg-07e8ffd50fEXAMPLE');
INSERT INTO listeners (sequence, arn, load_balancer_arn, protocol, port, ssl_policy, certificate_arn, mutual_authentication, trust_store_arn) VALUES (1, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/cf864b92f99882c5', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'HTTP', 80, NULL, NULL, NULL, NULL);
INSERT INTO listeners (sequence, arn, load_balancer_arn, protocol, port, ssl_policy, certificate_arn, mutual_authentication, trust_store_arn) VALUES (2, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/two/46d19c5304a22012/be62d397b41bec38', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'HTTP', 8080, NULL, NULL, NULL, NULL);
INSERT INTO listeners (sequence, arn, load_balancer_arn, protocol, port, ssl_policy, certificate_arn, mutual_authentication, trust_store_arn) VALUES (3, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/c71534c77335ac1c', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'HTTPS', 443, 'ELBSecurityPolicy-TLS13-1-2-2021-06', 'arn:aws:acm:us-east-2:123456789012:certificate/ac1d8506-b373-49cc-9228-ca01162ffba1', '{"mode":"off"}', NULL);
INSERT INTO rules (arn, listener_arn, load_balancer_arn, position, conditions, actions, transforms, client_secret) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/157f928740a43c24', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/cf864b92f99882c5', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 1000000, '[]', '[{"Type":"forward","TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41","Weight":1}],"TargetGroupStickinessConfig":{"Enabled":false}}}]', '[]', NULL);
INSERT INTO rules (arn, listener_arn, load_balancer_arn, position, conditions, actions, transforms, client_secret) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/two/46d19c5304a22012/be62d397b41bec38/3110a61db99d0348', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/two/46d19c5304a22012/be62d397b41bec38', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 1000000, '[]', '[{"Type":"fixed-response","FixedResponseConfig":{"StatusCode":"404"}}]', '[]', NULL);
INSERT INTO rules (arn, listener_arn, load_balancer_arn, position, conditions, actions, transforms, client_secret) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/aeb65847d32eaf1b', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/cf864b92f99882c5', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 5, '[{"Field":"path-pattern","Values":["/a*","/b"],"PathPatternConfig":{"Values":["/a*","/b"]}},{"Field":"host-header","Values":["*.example.com"],"HostHeaderConfig":{"Values":["*.example.com"]}}]', '[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41","Weight":3},{"TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/green/3860d7fb60879c72","Weight":1}],"TargetGroupStickinessConfig":{"Enabled":true,"DurationSeconds":60}}}]', '[]', NULL);
INSERT INTO rules (arn, listener_arn, load_balancer_arn, position, conditions, actions, transforms, client_secret) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/45856a3eae7816c6', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/cf864b92f99882c5', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 7, '[{"Field":"path-pattern","Values":["/fn"],"PathPatternConfig":{"Values":["/fn"]}}]', '[{"Type":"forward","TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/fn/296514414aecd861","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/fn/296514414aecd861","Weight":1}],"TargetGroupStickinessConfig":{"Enabled":false}}}]', '[]', NULL);
INSERT INTO rules (arn, listener_arn, load_balancer_arn, position, conditions, actions, transforms, client_secret) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/c71534c77335ac1c/2ffb216fc518d46f', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/c71534c77335ac1c', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 1000000, '[]', '[{"Type":"fixed-response","FixedResponseConfig":{"StatusCode":"404"}}]', '[]', NULL);
INSERT INTO rules (arn, listener_arn, load_balancer_arn, position, conditions, actions, transforms, client_secret) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/c71534c77335ac1c/6c8fc70f1890f73f', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/c71534c77335ac1c', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 1, '[{"Field":"path-pattern","Values":["/in"],"PathPatternConfig":{"Values":["/in"]}}]', '[{"Type":"authenticate-oidc","Order":1,"AuthenticateOidcConfig":{"Issuer":"https://id.example.com","AuthorizationEndpoint":"https://id.example.com/a","TokenEndpoint":"https://id.example.com/t","UserInfoEndpoint":"https://id.example.com/u","ClientId":"me","SessionCookieName":"AWSELBAuthSessionCookie","Scope":"openid","SessionTimeout":604800,"OnUnauthenticatedRequest":"authenticate"}},{"Type":"fixed-response","Order":2,"FixedResponseConfig":{"StatusCode":"404"}}]', '[]', 'v1:GJJ/RAeKoQAIMVA4dZGOEeZ3PE23qIVBnPEsugaJ9DWfsLsXN13ZCmGPLTlX');
INSERT INTO target_groups (sequence, arn, account_id, region, name, protocol, protocol_version, port, vpc_id, target_type, ip_address_type, health_check, created_at) VALUES (1, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', '123456789012', 'us-east-2', 'blue', 'HTTP', 'HTTP1', 80, 'vpc-0598c7d356EXAMPLE', 'ip', 'ipv4', '{"enabled":true,"protocol":"HTTP","port":"traffic-port","path":"/","intervalSeconds":30,"timeoutSeconds":5,"healthyThreshold":5,"unhealthyThreshold":2,"matcher":"200"}', 1795262400000);
INSERT INTO target_groups (sequence, arn, account_id, region, name, protocol, protocol_version, port, vpc_id, target_type, ip_address_type, health_check, created_at) VALUES (2, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/green/3860d7fb60879c72', '123456789012', 'us-east-2', 'green', 'HTTP', 'HTTP1', 80, 'vpc-0598c7d356EXAMPLE', 'instance', 'ipv4', '{"enabled":true,"protocol":"HTTP","port":"traffic-port","path":"/","intervalSeconds":30,"timeoutSeconds":5,"healthyThreshold":5,"unhealthyThreshold":2,"matcher":"200"}', 1795262400000);
INSERT INTO target_groups (sequence, arn, account_id, region, name, protocol, protocol_version, port, vpc_id, target_type, ip_address_type, health_check, created_at) VALUES (3, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/fn/296514414aecd861', '123456789012', 'us-east-2', 'fn', '', '', 0, '', 'lambda', 'ipv4', '{"enabled":false,"protocol":"HTTP","port":"traffic-port","path":"/","intervalSeconds":35,"timeoutSeconds":30,"healthyThreshold":5,"unhealthyThreshold":2,"matcher":"200"}', 1795262400000);
INSERT INTO rule_target_groups (rule_arn, target_group_arn, load_balancer_arn) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/157f928740a43c24', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd');
INSERT INTO rule_target_groups (rule_arn, target_group_arn, load_balancer_arn) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/aeb65847d32eaf1b', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd');
INSERT INTO rule_target_groups (rule_arn, target_group_arn, load_balancer_arn) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/45856a3eae7816c6', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/fn/296514414aecd861', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd');
INSERT INTO rule_target_groups (rule_arn, target_group_arn, load_balancer_arn) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/aeb65847d32eaf1b', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/green/3860d7fb60879c72', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd');
INSERT INTO targets (sequence, target_group_arn, id, port, address, zone, drains_until) VALUES (1, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', '127.0.0.1', 3000, '127.0.0.1', 'all', NULL);
INSERT INTO targets (sequence, target_group_arn, id, port, address, zone, drains_until) VALUES (2, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', '127.0.0.2', 80, '127.0.0.2', 'all', 1795262700000);
INSERT INTO targets (sequence, target_group_arn, id, port, address, zone, drains_until) VALUES (4, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/green/3860d7fb60879c72', 'i-0abcdef1234567890', 80, '127.0.10.1', 'us-east-2a', NULL);
INSERT INTO targets (sequence, target_group_arn, id, port, address, zone, drains_until) VALUES (5, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/green/3860d7fb60879c72', 'i-0c863400df0961915', 81, '127.0.32.1', 'us-east-2a', NULL);
INSERT INTO attributes (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'idle_timeout.timeout_seconds', '61');
INSERT INTO attributes (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'zonal_shift.config.enabled', 'true');
INSERT INTO attributes (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'ipv6.deny_all_igw_traffic', 'true');
INSERT INTO attributes (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', 'stickiness.enabled', 'true');
INSERT INTO attributes (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/blue/dcdfd6e97f433b41', 'stickiness.type', 'lb_cookie');
INSERT INTO tags (resource_arn, key, value) VALUES ('arn:aws:acm:us-east-2:123456789012:certificate/ac1d8506-b373-49cc-9228-ca01162ffba1', 'a', 'b');
INSERT INTO tags (resource_arn, key, value) VALUES ('arn:aws:ec2:us-east-2:123456789012:security-group/sg-0301d4c003f5e7839', 'Name', 'web');
INSERT INTO tags (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:listener-rule/app/one/de96a70bb68211fd/cf864b92f99882c5/aeb65847d32eaf1b', 'rule', 'x');
INSERT INTO tags (resource_arn, key, value) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'team', 'blue');
INSERT INTO certificates (sequence, arn, account_id, region, created_at, issued_at, facts, request, idempotency_token, certificate, chain, private_key) VALUES (1, 'arn:aws:acm:us-east-2:123456789012:certificate/ac1d8506-b373-49cc-9228-ca01162ffba1', '123456789012', 'us-east-2', 1795262400000, 1795262400000, '{"domainName":"www.example.com","subjectAlternativeNames":["www.example.com","*.example.com"],"keyAlgorithm":"RSA_2048","signatureAlgorithm":"SHA256WITHRSA","serial":"75:8e:30:58:d1:36:58:ad:0a:5b:06:7f:61:c9:c0:bb","subject":"CN=www.example.com","issuer":"evenkeel RSA 2048 CA","notBefore":1795219200000,"notAfter":1829347199000,"keyUsages":["DIGITAL_SIGNATURE","KEY_ENCIPHERMENT"],"extendedKeyUsages":[{"name":"TLS_WEB_SERVER_AUTHENTICATION","oid":"1.3.6.1.5.5.7.3.1"}]}', '{"validationMethod":"EMAIL","validationDomains":{},"transparencyLogging":"ENABLED","export":"DISABLED","renewedAt":null}', 'tok1', '-----BEGIN CERTIFICATE-----
MIIDYTCCAkugAwIBAgIQdY4wWNE2WK0KWwZ/YcnAuzALBgkqhkiG9w0BAQswHzEd
MBsGA1UEAwwUZXZlbmtlZWwgUlNBIDIwNDggQ0EwHhcNMjYxMTIxMDAwMDAwWhcN
MjcxMjIwMjM1OTU5WjAaMRgwFgYDVQQDDA93d3cuZXhhbXBsZS5jb20wggEiMA0G
CSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQD0OZnQ4R2l8lxyij21dYcH51+h/4st
coIfFeuLvAmoTcqNhkTAJSDGHmYcHzvJ9AfYkezJhUXxIec13qr2kt177RS1yO8z
vP0IrxGHLgO3kAbd6kSom2hs2VO0NXiR3SkDt8Z+zWmEJMjBgy05Npky0IIpx4L4
QZV5GOakWN9oWME4noEWPwT/i14gAisGQAH4n2Bs3lKEUj/HaobalxvokzrolCVS
0KZDLuQwG4/0/yHtu+RFbmvMKn8ViU7SoksA15mO6rQLxi4xPLUdRS5Y8BwRJXLG
EuiVm1UUeUFmDOWPCKliDJCij0ivSRdpHvvpQwFw/LXkxT5gs8EfPP/ZAgMBAAGj
gaEwgZ4wDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCBaAwHQYDVR0OBBYEFIzd
v7LDoCjq6DVycWz6HgaiauGyMB8GA1UdIwQYMBaAFA8ITvIfi8PgEs4tfPhlUHie
VyLdMBMGA1UdJQQMMAoGCCsGAQUFBwMBMCkGA1UdEQQiMCCCD3d3dy5leGFtcGxl
LmNvbYINKi5leGFtcGxlLmNvbTALBgkqhkiG9w0BAQsDggEBAJTbwvuEB+dCTxJV
d2fRpFZtmZRvj48u5FTh2DQzvxvNV9JXepoKc4c2tcvbvaJXIjoP4SUSZm7damOi
0QhrnBr0EF9Sf6y4EI5QD1+RY5Y7xPZUwlHGvpw4rsmJnZx4HG7jiNKGiYJ6zw/b
Veww6ee+1Ej4aE9lVqRpedvhlVpxBHRmJbWlYk1NeXan0J6gTEB56J6diKiXcXQr
i7q8yNhbDqMWdhpFV66dOPF61C7xVU+yIIPUzMLl+Lf3aW1b+0yNOj2p5DfR2zNg
spVnz6v8qCx2GMF2cH6Njm1xdXXK0BEmKA36zXQQdDbNYNUwA/+pCGnidlpWPWAV
EOmyfXM=
-----END CERTIFICATE-----
', '-----BEGIN CERTIFICATE-----
MIICcTCCAhigAwIBAgIQfQDn4obdUAy9ix0n+9XCszAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlldmVua2VlbCByb290IENBIGYxMDc1NTM2MB4XDTI2MTEyMTAwMDAw
MFoXDTQ2MTExNTIzNTk1OVowHzEdMBsGA1UEAwwUZXZlbmtlZWwgUlNBIDIwNDgg
Q0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCiL242HLd8J1I/BIS1
bQcxOPWF58MeOebU97D5pin5hmtoeoCaSUJB6cYB60sdELk8EikmRllBkD84SaFQ
I056oIMBJWn8W/k0u93rrRzmZbMoar7zzVXRuXzrCSfYUoLPRVoAre1x8S/RGDvX
ohUgXltwAQRocxArQNtsECNA2Cs3ScGpaoxaQMZSmeDqyFfg860F1cFUbJKDR4kd
yiqzy5emDKTh1DVcbGvhvzBpmNicogb/scvLCkjRvXUvVEeEl+b6jafiDMmS5XBn
ibkupcnPOSpnHxkCAbmrsuL7EGx0IhdnPN4NPs7AhSUJCfYyJWOve7cLTz5O3Fvr
vHdnAgMBAAGjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgGG
MB0GA1UdDgQWBBQPCE7yH4vD4BLOLXz4ZVB4nlci3TAfBgNVHSMEGDAWgBTHnIHq
CZEybRcovUSwvNXwaeIsRTAKBggqhkjOPQQDAgNHADBEAiAQKeaA4rkLleReleGM
Kg8IHNZW/ESI5VLm5E5+jrj20gIgMx3uh+Gfb9BHp3/kKMGIIoW/8alxaqIsGvC8
V+eBKgM=
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBrDCCAVKgAwIBAgIQaXzpfirx3UmQwgBaKy2IhDAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlldmVua2VlbCByb290IENBIGYxMDc1NTM2MB4XDTI2MTEyMTAwMDAw
MFoXDTQ2MTExNTIzNTk1OVowJDEiMCAGA1UEAwwZZXZlbmtlZWwgcm9vdCBDQSBm
MTA3NTUzNjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKbtlske5OWJCTykpzm1
m7Nflz1VZ8+TKgrt8prWNUa1jmVOfOKFhkzxj6qa9dqdTpsmu3q51BlVh0Em9g1P
w8qjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQEwDgYDVR0PAQH/BAQDAgGGMB0GA1Ud
DgQWBBTHnIHqCZEybRcovUSwvNXwaeIsRTAfBgNVHSMEGDAWgBTHnIHqCZEybRco
vUSwvNXwaeIsRTAKBggqhkjOPQQDAgNIADBFAiBX5LnD59aFb+LpsXngzbUvTNv5
G4hUaQmAcODZI5VBlAIhAPo63xw+GZ0ci1OxBcWiW3eaYQv0DPNp/NObyPk2ARJd
-----END CERTIFICATE-----
', 'v1:A4IWXhiRWl2/+DpA+l10vixVEtU7T1FLG3Z/Wgly9XQ1pqSVkvksn6T0NaUZFjLspDlw0xi5y5vEI/4mh6U8xlyf5g9Hd75zGtY+OX5Rj/hk8HhR6BOMSPblRtzlRD6Cu5VB0XIdmpKb0I5iePwaelxgX1b4aR+6DHPdox/BcRp7UpFv6hCcMMr6z4r5ci3gD2meZmSh7KU33S1Z9O4GjoZqR02s2AyZzqwHgsIKSRVZRTaoEqdru3HPrgdzLGpodyTK7x7eGmykSuLn7l9VTyWQaJW87+gs91VWW0ZnztGc1y9d5G0eucAnwwbkaMw3fEl13vSo9cbNIqgonio/bJcjkd9ChvOWSui7FcHeH08QtaeCUyXIhrBRxbjKIAcC+TNx2YElQhoSMzeRIEt5cnSwW3EU5uK6x/+OeNYYeEZq4SquplgDwMr9KlQDIMZqrXLQ6SXxBB8tpbU7bMdPhwiXpE5/9fijlKia/fJcbcZOqo4xfKse6SLIK7f3mV2Xo6tTFYGi7jrKdqw3nPmS1P7lYvBb3OmKQqzMvcDayJWCKwgardqAWmpPNAIHcJOyADeRZ6YBSRhSYM1bdnZpfvbWbtiSYF0vULhUFIBQXZ8XjNddJdwBreVzSxedtJLBjwtYJHRSMh/cvLK8mrIWg8lwqvkJ1YcG+I0x28mlEaOiF0cEJraHim7gfG4iUOB/ufPYoXziXl3hVrm2HZK06gcBMpHIJdsTFByNE6yduE3jN7eJtElTjruTFCRAKWOVSJOhIUjvgGPZxR2edvuTFWws+zuiqTgCW0I6beEO47FavNWnOck0Jk18ekr9xAl5k3peAbu+Q+PzfNSC2i2PjvgVMYZCKEHsbvxEXi/Zaiq5RWG09Hyl6RZIcy+zm547knIl2UTvulYJfjEmZE+Ey1vdo3iJ7BxVQlSFLjU0eIbrFeC5reVBSVjKdc6EHNVqZCzk8+ABBStlEBEN2j9fEX6Pi+LKRYv9n4GwYt7mWQtGOunuqbD3J1nlqVKy7Ij7BExvEf2R+e49GE+X+OSNMJMGfOqh0D/OwTSMLz1o/aThupmFkWUvfrvzoWqtYiTxonbGnJ7Hsk7pILB1nB+Th+gIVyXWNVf9a+iHHQy5TVCOABRsRDTdQW9k4R/XgrVeHJQBEWxPbm6dSmyYPKvFiikG7a/SUb+7aS29sW/D1X/YIRfVVgzl51s1xNbHl6T8XgeIwZLT/+IDe89uPPky/xT8vxVktCKlWRD7PJcgQc2PriPfgfYyZ3IY3HBfA2/bM+yu6hjNz7euO5Mp8RFrAmda8BNuxpY1vbbzEI6MHGeeEBtmXIIV2WzSnXpuZD2Vdh/RpQ7azxlnGE73U+kMn2F+DK9tt8nR65Ta6msrEcZzsOV3VXedO+WYB1TFqxrBluYoSrAd+oSnJ/yDzEVydBY8vXGIuW2pPCKt0KjZi+R4XuSDs6ojg9HlIlmTtMVvdsE3Ra6gyEAtsP3WGs3sPBjz5MnZZJZio/2FslqM2k5X+kcKF9waQlcu0MmczTdi6ihM+ObTXiYKFUzOMspgEi2c10gHofSM1fy9Tr2z047nmaRydawfu78TgulGOAKxjeVJy6H5D7NX7MuzoBdBi9fj2k1syE0g6SCuBiVwtonu2Zwq+xCBmr8fdum8lq8bKZTHT5ViNzIcLikxI1hiIg3QAsqARoxtIhaU73rmdJn7AP+KWdOgcOEfNB0M9/oJ7MbQGu/D1EPsb15Yb9UuMCN4IUnxpWrdrif1JM1+4s4OzXR4RlnT3SrL3fCkPoUYuykVM2tCqauAnsihWZFHI4Syk1v4Ce3vU3E3i0QZjWweytvYeNJzZZOTJk0BTWUJqt8zd66hfwfMhqrry9ewm7ZRPywQFBhEVYtVYEmjMlfBW1brjhS6eSzEJOxrukudSo8BILkUUVJEN9kNCxlnZmzraV0Dhqxme85N7gub2VOybgInUHq3LTj3j4hXheS2+ZQkvMoqSqlkiOTxmS5/XvylutCEt5MXYPMPVrvZFO9VPhGj6n/DJZOFQBLwnvljKnoyAjc7ia1SDYup6Z29+xKRvYkVsmevvxq2Xxeg7o/Q9uHuTJaSk+Zu0uuu1ODeeCMIMm7IVNkrsiD5VUS8AP1XN2EnXgFcBCsUqA3PU7jleAHxTk/ir5G0CDD509Nab/yDU/jRbIyb8M/FiQt96TJRGkHxRPfF5ZfFLctCKkiB2UJsjkbgY+Sr77uRw5zuMWK9p0gd6oShxts6bkfN7g1NSxA9hd9O6NjunNd5KU76281ULr8/LTpuDtL/EqyNL1BYxQ==');
INSERT INTO certificates (sequence, arn, account_id, region, created_at, issued_at, facts, request, idempotency_token, certificate, chain, private_key) VALUES (2, 'arn:aws:acm:us-east-2:123456789012:certificate/e7606554-f552-46b9-8f66-6a8504f1d8a4', '123456789012', 'us-east-2', 1795262400000, 1795262400000, '{"domainName":"second.example.com","subjectAlternativeNames":["second.example.com"],"keyAlgorithm":"RSA_2048","signatureAlgorithm":"SHA256WITHRSA","serial":"5b:e3:c9:4e:7e:ad:a8:16:8a:d3:2f:7c:36:97:75:53","subject":"CN=second.example.com","issuer":"evenkeel RSA 2048 CA","notBefore":1795219200000,"notAfter":1829347199000,"keyUsages":["DIGITAL_SIGNATURE","KEY_ENCIPHERMENT"],"extendedKeyUsages":[{"name":"TLS_WEB_SERVER_AUTHENTICATION","oid":"1.3.6.1.5.5.7.3.1"}]}', '{"validationMethod":"EMAIL","validationDomains":{},"transparencyLogging":"ENABLED","export":"DISABLED","renewedAt":null}', NULL, '-----BEGIN CERTIFICATE-----
MIIDWDCCAkKgAwIBAgIQW+PJTn6tqBaK0y98Npd1UzALBgkqhkiG9w0BAQswHzEd
MBsGA1UEAwwUZXZlbmtlZWwgUlNBIDIwNDggQ0EwHhcNMjYxMTIxMDAwMDAwWhcN
MjcxMjIwMjM1OTU5WjAdMRswGQYDVQQDDBJzZWNvbmQuZXhhbXBsZS5jb20wggEi
MA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDbO58J1C82Y8cwNKhp83xunIIt
QK6Jk1uzny/5WR1iXkJm/Ub1fS/mOUfInEMX5DcFFA5yEXYBgNkvIjsDg8ff0Fe2
XPlA/FNMOTzqwaqh0hIryICI264auqtKLaxovzhuLeoFALsFnPH3vV6IME5Hkgl+
vQ0xwQ/KNn9HYKLDrEBWxNRRq01lnAJdf9DaHVTZlnDbVPF1FkEzBUh2DcouD92E
5MWZpvDJl+8Qp/NObcgkdq2WxOjoVoZ5raxMDVCYwdXKru+shZvifjxP/KYRLSmI
zy3I6ipm8XkDfXy989U6XE59JUeRD9NgkFmOlFDX9Gl8m0Y9kBRG5Tr1vIRtAgMB
AAGjgZUwgZIwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCBaAwHQYDVR0OBBYE
FCbHqq9XZblmwh8T3nij+4qNa4O6MB8GA1UdIwQYMBaAFA8ITvIfi8PgEs4tfPhl
UHieVyLdMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdEQQWMBSCEnNlY29uZC5l
eGFtcGxlLmNvbTALBgkqhkiG9w0BAQsDggEBAH2X+t32P4sHXuMj9sG7tEFe3049
/6MbNxOeVPsYUsZz1z4VZNTxwYqhsHFJENsz3ypNIQp5AV3ReW1Tie+jLUB9Plwk
lDC9ZRwzK/oI3lj+mf3shO1Ys+Y6EpUj7b+F8J21rbiZB+mFLqzELC5OirRfYRib
ADyvgDxhJQ1niy9U3SqVGwedL5hFnrHKrrGmRJ3YF9pqBmetFxAjEHe7opB0ZcJo
0X9OQgkSW3f2EGpqtPJTEHKd4/XCVX/BrypXoVfILr4eXnnIxcyDcSNOJf5HI8yT
o6WAAfR9ISruYx3CmiphbnrR3PtOLbokqBAXvNKFNl5I/BIlIxpjRco+HXI=
-----END CERTIFICATE-----
', '-----BEGIN CERTIFICATE-----
MIICcTCCAhigAwIBAgIQfQDn4obdUAy9ix0n+9XCszAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlldmVua2VlbCByb290IENBIGYxMDc1NTM2MB4XDTI2MTEyMTAwMDAw
MFoXDTQ2MTExNTIzNTk1OVowHzEdMBsGA1UEAwwUZXZlbmtlZWwgUlNBIDIwNDgg
Q0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCiL242HLd8J1I/BIS1
bQcxOPWF58MeOebU97D5pin5hmtoeoCaSUJB6cYB60sdELk8EikmRllBkD84SaFQ
I056oIMBJWn8W/k0u93rrRzmZbMoar7zzVXRuXzrCSfYUoLPRVoAre1x8S/RGDvX
ohUgXltwAQRocxArQNtsECNA2Cs3ScGpaoxaQMZSmeDqyFfg860F1cFUbJKDR4kd
yiqzy5emDKTh1DVcbGvhvzBpmNicogb/scvLCkjRvXUvVEeEl+b6jafiDMmS5XBn
ibkupcnPOSpnHxkCAbmrsuL7EGx0IhdnPN4NPs7AhSUJCfYyJWOve7cLTz5O3Fvr
vHdnAgMBAAGjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgGG
MB0GA1UdDgQWBBQPCE7yH4vD4BLOLXz4ZVB4nlci3TAfBgNVHSMEGDAWgBTHnIHq
CZEybRcovUSwvNXwaeIsRTAKBggqhkjOPQQDAgNHADBEAiAQKeaA4rkLleReleGM
Kg8IHNZW/ESI5VLm5E5+jrj20gIgMx3uh+Gfb9BHp3/kKMGIIoW/8alxaqIsGvC8
V+eBKgM=
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIIBrDCCAVKgAwIBAgIQaXzpfirx3UmQwgBaKy2IhDAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlldmVua2VlbCByb290IENBIGYxMDc1NTM2MB4XDTI2MTEyMTAwMDAw
MFoXDTQ2MTExNTIzNTk1OVowJDEiMCAGA1UEAwwZZXZlbmtlZWwgcm9vdCBDQSBm
MTA3NTUzNjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKbtlske5OWJCTykpzm1
m7Nflz1VZ8+TKgrt8prWNUa1jmVOfOKFhkzxj6qa9dqdTpsmu3q51BlVh0Em9g1P
w8qjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQEwDgYDVR0PAQH/BAQDAgGGMB0GA1Ud
DgQWBBTHnIHqCZEybRcovUSwvNXwaeIsRTAfBgNVHSMEGDAWgBTHnIHqCZEybRco
vUSwvNXwaeIsRTAKBggqhkjOPQQDAgNIADBFAiBX5LnD59aFb+LpsXngzbUvTNv5
G4hUaQmAcODZI5VBlAIhAPo63xw+GZ0ci1OxBcWiW3eaYQv0DPNp/NObyPk2ARJd
-----END CERTIFICATE-----
', 'v1:EXhw4oXM4FxXDVF7Aw0LKT1htzqvWPJvfWwCulTzZqAVh7hJWTsVVO00wEThHvpe81rc0UDTYPJl1MmcV5Ll3PhPuaJrCQ4dSfC/vvq5R7c+uULWGSqQbt/MtEyEtFbRSz3vvEQqfFHav2/9QOxGqK8ylMSEXZZjYn9MyOcSgeDo3rEw+TtpPUPmSJax0jjnCoIok33kTikEJ6o83tHuAQ2lOnV0tpTMxL1iaF0d2tBWVs7u38bqyrzf/TxwBSUtdO1rh49oIk9dSSeyUjrKmAPC9Cx18aIgXK41anOhz3YVoEAcCMEUU94Bilk+SDZ4mSSiWkCNR89p3KsoRbGkKhqOxfxOrWSh8dFi7EP3/Ihvvgud6e7NPIlIQloQkGHUb6DV9HIZ8YpZw6UplD5EsCE1ydtIE/02QGz9YmRD1iA5D3k8qVxO+o6kkjgy/RYHXXNpMW2bVS2kiuc8F+vk5Gk7Ks3QTlNFMIA+JgkMX5HIkaswj6GaadApBM3B7KLLnrfGLA7P488vvxaDNZXuD3K4p67i4CdCt6CZVoQ0mC1ox12MKhg21ZD63uoVRaULSbA5xUkvdvFelI06dyrEst35NHdKIiwMe577iQqkQPWQaf9biLGYJuCFkTogkrKlTpxQcV2rDPhtKYQ9aMjn9RmycTiEJDKrZvN64gZpvIoN+eUDG/9TzNFNONxumo1YNbCRzwXZDNl/HeLWtGwUqw2dp9Vm8SOD5EJpOciR/xt5hXvsPOk09S2viQW3Hm3zp4xmNQy3Ph7ycKrdZpIYhKEaY7dUGrZ4VPx8PfVyHpuajRiWtzHsnq21w4mtjrZmxUAW06FtUHgtSWMj971+ztryU/BtpQMBqFopwhO1I9MRbAvogXwNKAyn2n161tSa8rY9rQixh5WiSumxgz/mutWD3vT45tYBl459EHM4GE+MNIjzV3/xA1RjM7cBKUehRjMH5qGMVQ1VpaUFcyA3MQntyQVgXnlw8LzjypF46nl4cr/OYNgln1vu/KzJKHH/UOcFOk2mgV7c01cbDELSgqNOnlHf7wp2SqhK1vGDkrq8mCvhXGXMLpmzBN+mtlFCU9RZG7dk8Rm8ydH+Dg9hjzaeBLnmgu9wHttActv/bnfZEFz0NjuJ5r8HRQTWt53FaORfXQrnV/npGMw1PPYAQYtmEOLGTM4I7mmZN8VVHNxZkW/fu6QsOwWZl4BM7BRqlnJoL1kmU/lqQLO+QjweXhYHE1Razz6Ov3zpaaGoa//C55StwNfBnG0ScfwGSi2W171HA82kgEb2Q0AT57UBj++Z2QQOlHW2f3p/u0OuwiOELagTrtFcCBlDgVR2Cex00+UJhl6SNmVPeCBXvdNC9a3dSMgJhT7TTAUaRdfxFOLKUPXWTMKt4XI1CNa0UwjQquxs7CQRThYeM0Ec/FnCYDVdm1Is5vcmhYuc6essaeKrlK3YKbC4cPL+xyHzQLUrh6EQ8BkDXe1bWc7NXnCQjVF94Tm/cLwEeWnG/+cPkLZUPZCcOjfb7jR//Zzm/3ZkmU1iP2C2mPnBtAO/8aZiHSwUm+33EQAA0F1q/5D2oUgR/scZntzUgh5ScTTno//N6YqAIAwub/tgIGFZ2nmwmpO9MuYG0Y0f41wPDckFPZsVbTQ7f4/fKbn5kirhpJ2Qcs7PeFpmkmqCMd32NfXOxIW6QeNUst09NFO4bmRkaExF4+FGwRN+sSm3ZJga62On7FjYLtWWrLAxx/wVD8aPs10/0LPp0GtrUpUDJ/xMPSlqvwJtxHFcQ+npiy2vVzc2FkC/jmuB+fN6wayl4hkim56zwwQPg06GXn5P7A7GoVahX2ljVlDzs1HESdVszJzEaWvBtxFxyKXsp5ClzeluUxDQXMgEMeCPB/NfcltpUvuJJQNCJVN52au5rfQvNSAKRmRermr5x0YPDC+PDFIGQKC/SuZvDm6RILFe2sSDm8pUU9NC7mhC4r2JfdFCNHXfw6Z5O8j5OfbG23W9ML+dpDi7CVHN4EGptqMg4ad/2LGCbMSvKK28FP+RTrwdJi+GMO8oHPRqxXyStNZC6YWVI4JfbHYUCxUXsU60VA0rjbpaFTuMLmB6mUUs9UEtrQuIVQBQiB1sTKjPhEhjK1ctohhxpGOXdSH62cBZEUokh+0PphBvNUc53REWziKcumpy7S4jBmV7t++DpPQ7mzV+A2nCi1teJij1Kk2vReZ8oyeuDtX2NYk5qJkWNQq/OQ7AckJKsyzh/yLoesOsL6OUF13nlvt8qces5vJ55CmQOoSPzsPQxKYVaLHoc+mEnfP3rkLv+A==');
INSERT INTO server_certificates (arn, account_id, name, path, id, uploaded_at, facts, certificate, chain, private_key) VALUES ('arn:aws:iam::123456789012:server-certificate/old', '123456789012', 'old', '/', 'ASCA1', 3, '{"domainName":"www.example.com","subjectAlternativeNames":["www.example.com","*.example.com"],"keyAlgorithm":"RSA_2048","signatureAlgorithm":"SHA256WITHRSA","serial":"75:8e:30:58:d1:36:58:ad:0a:5b:06:7f:61:c9:c0:bb","subject":"CN=www.example.com","issuer":"evenkeel RSA 2048 CA","notBefore":1795219200000,"notAfter":1829347199000,"keyUsages":["DIGITAL_SIGNATURE","KEY_ENCIPHERMENT"],"extendedKeyUsages":[{"name":"TLS_WEB_SERVER_AUTHENTICATION","oid":"1.3.6.1.5.5.7.3.1"}]}', 'leaf', 'issuer', 'v1:e6o4SRltIb59uq7UxejF2stX4N7QxnIhuIb+zlhub2WJ0XqiFU5Oxi9Y');
INSERT INTO certificate_authorities (name, certificate, private_key) VALUES ('RSA_2048', '-----BEGIN CERTIFICATE-----
MIICcTCCAhigAwIBAgIQfQDn4obdUAy9ix0n+9XCszAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlldmVua2VlbCByb290IENBIGYxMDc1NTM2MB4XDTI2MTEyMTAwMDAw
MFoXDTQ2MTExNTIzNTk1OVowHzEdMBsGA1UEAwwUZXZlbmtlZWwgUlNBIDIwNDgg
Q0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQCiL242HLd8J1I/BIS1
bQcxOPWF58MeOebU97D5pin5hmtoeoCaSUJB6cYB60sdELk8EikmRllBkD84SaFQ
I056oIMBJWn8W/k0u93rrRzmZbMoar7zzVXRuXzrCSfYUoLPRVoAre1x8S/RGDvX
ohUgXltwAQRocxArQNtsECNA2Cs3ScGpaoxaQMZSmeDqyFfg860F1cFUbJKDR4kd
yiqzy5emDKTh1DVcbGvhvzBpmNicogb/scvLCkjRvXUvVEeEl+b6jafiDMmS5XBn
ibkupcnPOSpnHxkCAbmrsuL7EGx0IhdnPN4NPs7AhSUJCfYyJWOve7cLTz5O3Fvr
vHdnAgMBAAGjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQDAgGG
MB0GA1UdDgQWBBQPCE7yH4vD4BLOLXz4ZVB4nlci3TAfBgNVHSMEGDAWgBTHnIHq
CZEybRcovUSwvNXwaeIsRTAKBggqhkjOPQQDAgNHADBEAiAQKeaA4rkLleReleGM
Kg8IHNZW/ESI5VLm5E5+jrj20gIgMx3uh+Gfb9BHp3/kKMGIIoW/8alxaqIsGvC8
V+eBKgM=
-----END CERTIFICATE-----
', 'v1:eh7LuvhTlrkLgCY7DB8VJOSxNC1VS96kjBEanf/fXJ7U0cFxrMwdc/oR50552EVcDZmFD6dbDEsKzm6xciycGag5hhNwYIxYSdLT/zM9m/77/AaSTyA187pCdM4GAog2SpDQ+7kKpmazhQ+e1fV4hIx76CjfPIte5Q0cSxZmmQ/Z6ZUqdF3zJV//y2AP8we3EOAE8vgktnknzFO/0l8eZOLjqV4JawxPHEoGLTU0fY6ojATMByZs7ieJuUAnUNOIwB9nbPt2qcXrdE61bkw8djZyD+hPmHqdyy0qd1qBV9LxGKNA6mK7cdFdBFj42/A3hmxIVQNkcqXl/8b2AlP+nKrsSOLEJtcRnGqglZzW1V4RKyqnN12KIZDzvoiNH/93lKBAfDOkXT5nIyHYHZKUwBSmfS5yLfto1Szzh+fobCFUxAf1x5fJHUBzRl0yoWmmETzpIJ10Otwhjn/ABBweLNCUub0a23/gzoBbMLbpwEccRCuQBW6neNqWDjJhz3T86aWDMLRgjR+NkaGjtkHZR8/85iPj35REfh6371GaLB4CLgdbWe9XhfI1KRjD4oI5oueBEUT+qlnv6HzJpXGeAGJKuHZjhdJPkcs/cKVifMFDHnQnY/PMOt7QexinUXF3avMVlBvwEOFGdwUOfOPuvWoWhLfZL2eZ6iD9vTmlmDnUMHJAiHPXKEhh76wIVOZNp3whvkgcot6K1RjNKWgrCx4VK0sL7Bs57qxYu8SFawFKXA2/dxdLUahmyp33Ccv2Lah7P6BK3B+UIO2LCDNkudm/Jov/0IdR7WVZ0eS8QQLNfkpDeh+P4fNXJTTzr3C30MvzNv0nk93dA9Jix7+SoH/wAUVQagePVZqzxwjazsurSvL1c6rK3VJD9w5/bwXG2kdaXZA55hirqCrxHS56bYE7KyJ3w6WpVBQgwBJpk5Fxkb+h79OgoYcJrMiFwu1J00wHZSnlc6PqvZkWbD1h2N0xwBj0OUE0KqLiZaaqmG+B+bXV1fThjvehzYRrvDmiDIOJT1SrKODypXI4iXmALqBIjN9+tA8khj2XKvPkBN2ZtxmKQjhEleCZvpEhEkV0qnAYQgmA3QygXRUa+odXle6tYqNHZOMsAQDJiytXe72r+DrhLTb+WU1DdDPBbtLML2usCMXF2g+KDHKsOmJf+E5qyldBOLhx7OjYdTYIFsHy8SHYlgRA35h8snp9VCHhY97NDUwAdmgGq2ibkpeVc7ecbOclAZMplFAqTNU7IucJrQ8XnQ4ZvwwzAicnpOZ1OI4JqVTywoVOnN8xVRsMh+p6/qSnkVs+AEE8M1SeD8iH6rcQ0uRvuzAgKVFrBlNYtLyPGZcHsZYFcy7nRXNqXJZWhPkRLSZ5I5ov07C6HZroSSPPMV8FTchVXBnAOdFOPCXinGdreOhSkj4XQBF0z3qJ9fjQZGDH/6+hrAMK/bQjdVTDxndq+pD60oAa2uQTgmARWG+EerITN3gQuoKgD/+WsRpUNRX10humwPVK6Bse0ECzCtKjpZJnWJ0e3RLV4f6rduyzWWk63UfVGhSO6YF6KGK61LkBleFbd5o414WPeI2xEJvlHvXF9AlRJpFNTsYKDRqIbo9J3s3+zXhRKX71NPBQey85WekBV0R8pf/WRgqDoerlITDnsKmv1THhiVz2ia+TOhHxjIwEpGEjgydiKMfHRDQInLOzsBZoYJ1mkRE02uqIsyyENkkGJHvFkX5eAV9IkverdL3YV0ocQLEkYikC+s4DUJcA0JDsecNj42cN5RhMF66DTQpicYyKsW7m9MKBvJsN0BSjl8Rs0+gZmwdoXwt9ewyBwwG07XgdLAK1Gv92Z0b14d9NXSPf9vEUQf0EBEz79xKLq9kbMDvlrWW8yUc6Tiq26MYwfr9o9RrChlR1H1RRtCgHYTvLoJQ/OfcCG5BVkPa8dfCLqMRJk7KhmXYv/rkZAMMlB81nIA7cZeXlclMb37bh7N9MbbJvUwyZWenhp9mKjIoOcsok+L0hrvcOJFE2K3lHNnignC8t6IB3YcfzBVGDUc4+kNEnYrZID5IQ0bPcPBFty6JL3qdsi4eBCE1tCgnh12o9G9YJKBkcb6eRxQTFRULWuDcNr60LPiMmDZu1xW026bzSrLM096phOLHYm4b5x7DorZQHAlSAvpSJrSCr/1CVphwT/C8+CX+Vs0sYkrlDf8rEjcn7n3MeUdj+ZktJrSPTpgPFW6+MlDKJZuRcCC6geYDgVFLjsRDXLhRed3op3l8H80BAadYri32DZ1NSfNdQFd7X5IbhYG1FgWFfWWfjszyhQA==');
INSERT INTO certificate_authorities (name, certificate, private_key) VALUES ('root', '-----BEGIN CERTIFICATE-----
MIIBrDCCAVKgAwIBAgIQaXzpfirx3UmQwgBaKy2IhDAKBggqhkjOPQQDAjAkMSIw
IAYDVQQDDBlldmVua2VlbCByb290IENBIGYxMDc1NTM2MB4XDTI2MTEyMTAwMDAw
MFoXDTQ2MTExNTIzNTk1OVowJDEiMCAGA1UEAwwZZXZlbmtlZWwgcm9vdCBDQSBm
MTA3NTUzNjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKbtlske5OWJCTykpzm1
m7Nflz1VZ8+TKgrt8prWNUa1jmVOfOKFhkzxj6qa9dqdTpsmu3q51BlVh0Em9g1P
w8qjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQEwDgYDVR0PAQH/BAQDAgGGMB0GA1Ud
DgQWBBTHnIHqCZEybRcovUSwvNXwaeIsRTAfBgNVHSMEGDAWgBTHnIHqCZEybRco
vUSwvNXwaeIsRTAKBggqhkjOPQQDAgNIADBFAiBX5LnD59aFb+LpsXngzbUvTNv5
G4hUaQmAcODZI5VBlAIhAPo63xw+GZ0ci1OxBcWiW3eaYQv0DPNp/NObyPk2ARJd
-----END CERTIFICATE-----
', 'v1:wJNuYQXGK0sM6RCkJWyWrVfjm3mdFF9K/fTMJlJdCWOsSdzEAyBeHUQ1pbKxVkEOFrUxNSkyFxCuBbrsalq7yUjz1HOC66Ix62Se9tBYYFUq4Tokvffp9r9+aaMlw2G37vvb8kO3EiiueogfZkIgz8XmI0Yhmc7saZdcSRKWxbjoXIG1zaggDCNqwzC2004WtpZMlSs8DQcRbw9U0198GYRSHC7XkLqshQDBgHUkWLSSP3lYpdCW9TAGFjMCU9mNFJl7TB19bK8/rzDWarSnuUzUv84RKCpOFdVdjwRDsZ0i60Zi/+E0CWHkqVA9utx/6DPTmF2FBEiJXyGy25Uacbcq60yL/hFo0RVy5b0=');
INSERT INTO capacity_reservations (load_balancer_arn, units, modified_at, decreases) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 200, 1795262400000, 0);
INSERT INTO listener_certificates (sequence, listener_arn, load_balancer_arn, certificate_arn) VALUES (1, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/one/de96a70bb68211fd/c71534c77335ac1c', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'arn:aws:acm:us-east-2:123456789012:certificate/e7606554-f552-46b9-8f66-6a8504f1d8a4');
INSERT INTO trust_stores (sequence, arn, account_id, region, name, ca_certificates, created_at, bundle, last_revocation_id) VALUES (1, 'arn:aws:elasticloadbalancing:us-east-2:123456789012:truststore/trust/0123456789abcdef', '123456789012', 'us-east-2', 'trust', 1, 4, 'the bundle', 1);
INSERT INTO revocation_lists (trust_store_arn, id, entries, content) VALUES ('arn:aws:elasticloadbalancing:us-east-2:123456789012:truststore/trust/0123456789abcdef', 1, 2, 'the list');
INSERT INTO network_items (sequence, region, id, item) VALUES (1, 'us-east-2', 'sg-0301d4c003f5e7839', '{"kind":"security-group","region":"us-east-2","id":"sg-0301d4c003f5e7839","vpcId":"vpc-0598c7d356EXAMPLE","name":"web","description":"web","rules":[{"id":"sgr-0bdd7103aa4d75b60","isEgress":true,"protocol":"-1","fromPort":-1,"toPort":-1,"peer":{"type":"ipv4","cidr":"0.0.0.0/0"},"description":null},{"id":"sgr-0c1df993a83328569","isEgress":true,"protocol":"-1","fromPort":-1,"toPort":-1,"peer":{"type":"ipv6","cidr":"::/0"},"description":null},{"isEgress":false,"protocol":"tcp","fromPort":80,"toPort":80,"peer":{"type":"ipv4","cidr":"0.0.0.0/0"},"description":"all","id":"sgr-001c3de92de96f207"}]}');
INSERT INTO network_items (sequence, region, id, item) VALUES (3, 'us-east-2', 'vpc-0f5b0ae90414704bb', '{"kind":"vpc","region":"us-east-2","id":"vpc-0f5b0ae90414704bb","cidr":"10.9.0.0/16","ipv6Cidr":null,"isDefault":false,"tenancy":"default","hasDnsSupport":true,"hasDnsHostnames":false,"hasUsageMetrics":false}');
INSERT INTO network_items (sequence, region, id, item) VALUES (4, 'us-east-2', 'rtb-0933a75da0da62c50', '{"kind":"route-table","region":"us-east-2","id":"rtb-0933a75da0da62c50","vpcId":"vpc-0f5b0ae90414704bb","routes":[],"associations":[{"id":"rtbassoc-01c21d27a71c1ef45","subnetId":null}]}');
INSERT INTO network_items (sequence, region, id, item) VALUES (5, 'us-east-2', 'acl-0da96d63655db6aa6', '{"kind":"network-acl","region":"us-east-2","id":"acl-0da96d63655db6aa6","vpcId":"vpc-0f5b0ae90414704bb","entries":[{"isEgress":false,"ruleNumber":100,"protocol":"-1","action":"allow","cidr":"0.0.0.0/0","ports":null,"icmp":null},{"isEgress":true,"ruleNumber":100,"protocol":"-1","action":"allow","cidr":"0.0.0.0/0","ports":null,"icmp":null}]}');
INSERT INTO network_items (sequence, region, id, item) VALUES (6, 'us-east-2', 'sg-0062c26a268fa1b97', '{"kind":"security-group","region":"us-east-2","id":"sg-0062c26a268fa1b97","vpcId":"vpc-0f5b0ae90414704bb","name":"default","description":"default VPC security group","rules":[{"id":"sgr-0ff8a6cfccfc09ce7","isEgress":false,"protocol":"-1","fromPort":-1,"toPort":-1,"peer":{"type":"group","groupId":"sg-0062c26a268fa1b97"},"description":null},{"id":"sgr-0f655e8ee75c8ba7c","isEgress":true,"protocol":"-1","fromPort":-1,"toPort":-1,"peer":{"type":"ipv4","cidr":"0.0.0.0/0"},"description":null}]}');
INSERT INTO network_items (sequence, region, id, item) VALUES (7, 'us-east-2', 'subnet-000b00d62bfa36f80', '{"kind":"subnet","region":"us-east-2","id":"subnet-000b00d62bfa36f80","vpcId":"vpc-0f5b0ae90414704bb","zone":"a","cidr":"10.9.1.0/24","ipv6Cidr":null,"isDefault":false,"mapsPublicIp":false,"assignsIpv6":false,"hasDns64":false,"hostnameType":"ip-name","hasNameRecordA":false,"hasNameRecordAaaa":false}');
INSERT INTO network_items (sequence, region, id, item) VALUES (8, 'us-east-2', 'i-0c863400df0961915', '{"kind":"instance","region":"us-east-2","id":"i-0c863400df0961915","subnetId":"subnet-0e3f5cac72EXAMPLE","zone":"a","address":"127.0.32.1","state":"running","securityGroups":["sg-07e8ffd50fEXAMPLE"],"imageId":"ami-12345678","instanceType":"t3.micro","launchedAt":1795262400000}');
INSERT INTO cookie_keys (id, secret, used_from) VALUES (1, 'v1:dQULlBBqlzsw31K4APL/STDZLOgo9hm+qWQ4yaWEHFfjU1ZG4IBXhcNXnTExDWmp', 10);
INSERT INTO cookie_keys (id, secret, used_from) VALUES (2, 'v1:emek9w/WazUUmhGTD8KHYaWvZ6iUvmUCoaE0iuvdGSfAwupLanJ88IByVQLI7It/Hg==', 20);
INSERT INTO zonal_shifts (sequence, id, account_id, region, load_balancer_arn, away_from, comment, started_at, expires_at, is_canceled) VALUES (1, 'shift-1', '123456789012', 'us-east-2', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/one/de96a70bb68211fd', 'us-east-2a', 'flood', 1, 4000000000000, 0);
INSERT INTO zonal_shifts (sequence, id, account_id, region, load_balancer_arn, away_from, comment, started_at, expires_at, is_canceled) VALUES (2, 'shift-2', '123456789012', 'us-east-2', 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/two/46d19c5304a22012', 'us-east-2b', 'gone', 1, 2, 1);
UPDATE sqlite_sequence SET seq = 8 WHERE name = 'network_items';
UPDATE sqlite_sequence SET seq = 2 WHERE name = 'certificates';
UPDATE sqlite_sequence SET seq = 2 WHERE name = 'load_balancers';
UPDATE sqlite_sequence SET seq = 3 WHERE name = 'target_groups';
UPDATE sqlite_sequence SET seq = 3 WHERE name = 'listeners';
UPDATE sqlite_sequence SET seq = 5 WHERE name = 'targets';
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'listener_certificates';
UPDATE sqlite_sequence SET seq = 1 WHERE name = 'trust_stores';
UPDATE sqlite_sequence SET seq = 2 WHERE name = 'zonal_shifts';
