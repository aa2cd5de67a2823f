# A stack as teams have it: networks looked up and networks made, a load balancer with logs, target groups of both types, listeners
# with certificates of ACM and IAM, rules of every kind. The variables are changed between two runs.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "certificate" {
  type = string
}

variable "private_key" {
  type = string
}

variable "bundle" {
  type = string
}

variable "stage" {
  type    = string
  default = "test"
}

variable "idle_timeout" {
  type    = number
  default = 60
}

variable "priority" {
  type    = number
  default = 10
}

variable "weight" {
  type    = number
  default = 10
}

provider "aws" {
  region                      = "us-east-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false

  endpoints {
    acm   = var.endpoint
    ec2   = var.endpoint
    elbv2 = var.endpoint
    iam   = var.endpoint
    sts   = var.endpoint
  }

  default_tags {
    tags = {
      Project = "lima"
      Stage   = var.stage
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "public" {
  count                   = 2
  vpc_id                  = aws_vpc.main.id
  cidr_block              = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone       = data.aws_availability_zones.available.names[count.index]
  map_public_ip_on_launch = true
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  count          = 2
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_lb" "inner" {
  name            = "inner"
  internal        = true
  subnets         = aws_subnet.public[*].id
  security_groups = [aws_security_group.own.id]
  idle_timeout    = var.idle_timeout
}

resource "aws_security_group" "own" {
  name   = "own"
  vpc_id = aws_vpc.main.id
}

data "aws_subnet" "first" {
  id = sort(data.aws_subnets.default.ids)[0]
}

resource "aws_security_group" "web" {
  name        = "web"
  description = "Clients of the web"
  vpc_id      = data.aws_vpc.default.id

  ingress {
    description = "HTTP"
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group_rule" "https" {
  type              = "ingress"
  security_group_id = aws_security_group.inner.id
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["10.0.0.0/8"]
}

resource "aws_security_group" "inner" {
  name   = "inner"
  vpc_id = data.aws_vpc.default.id
}

resource "aws_vpc_security_group_ingress_rule" "from_web" {
  security_group_id            = aws_security_group.targets.id
  referenced_security_group_id = aws_security_group.web.id
  from_port                    = 8080
  to_port                      = 8080
  ip_protocol                  = "tcp"
}

resource "aws_security_group" "targets" {
  name   = "targets"
  vpc_id = data.aws_vpc.default.id
}

resource "aws_lb" "web" {
  name                       = "web"
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.web.id, aws_security_group.inner.id]
  subnets                    = slice(sort(data.aws_subnets.default.ids), 0, 2)
  idle_timeout               = var.idle_timeout
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  client_keep_alive          = 600
  preserve_host_header       = true
  xff_header_processing_mode = "preserve"

  access_logs {
    bucket  = "logs"
    prefix  = "web"
    enabled = true
  }
}

resource "aws_lb_target_group" "app" {
  name                          = "app"
  port                          = 8080
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = data.aws_vpc.default.id
  deregistration_delay          = 30
  slow_start                    = 60
  load_balancing_algorithm_type = "round_robin"

  health_check {
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 3
    unhealthy_threshold = 3
    matcher             = "200-299"
  }

  stickiness {
    type            = "lb_cookie"
    cookie_duration = 3600
    enabled         = true
  }
}

resource "aws_lb_target_group" "machines" {
  name_prefix                       = "mach-"
  port                              = 80
  protocol                          = "HTTP"
  vpc_id                            = data.aws_vpc.default.id
  load_balancing_algorithm_type     = "least_outstanding_requests"
  load_balancing_cross_zone_enabled = "false"

  target_group_health {
    dns_failover {
      minimum_healthy_targets_count      = "1"
      minimum_healthy_targets_percentage = "50"
    }
    unhealthy_state_routing {
      minimum_healthy_targets_count      = 1
      minimum_healthy_targets_percentage = "50"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_target_group_attachment" "app" {
  count            = 2
  target_group_arn = aws_lb_target_group.app.arn
  target_id        = "127.0.0.1"
  port             = 9001 + count.index
}

resource "aws_lb_target_group_attachment" "machine" {
  target_group_arn = aws_lb_target_group.machines.arn
  target_id        = "i-0abcdef1234567890"
}

data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]

  filter {
    name   = "name"
    values = ["al2023-ami-*-x86_64"]
  }
}

resource "aws_instance" "machine" {
  count                   = 2
  ami                     = data.aws_ami.linux.id
  instance_type           = "t3.micro"
  subnet_id               = sort(data.aws_subnets.default.ids)[count.index]
  vpc_security_group_ids  = [aws_security_group.targets.id]
  user_data               = "#!/bin/sh"
  disable_api_termination = var.stage == "test"
  monitoring              = var.stage == "production"

  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }

  credit_specification {
    cpu_credits = "unlimited"
  }

  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_instance" "plain" {
  ami           = "ami-0abcdef1234567890"
  instance_type = "m7g.large"
}

resource "aws_lb_target_group_attachment" "machines" {
  count            = 2
  target_group_arn = aws_lb_target_group.machines.arn
  target_id        = aws_instance.machine[count.index].id
}

resource "aws_acm_certificate" "imported" {
  certificate_body = var.certificate
  private_key      = var.private_key
}

resource "aws_acm_certificate" "requested" {
  domain_name               = "app.example.com"
  subject_alternative_names = ["www.example.com"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_server_certificate" "old" {
  name             = "old"
  certificate_body = var.certificate
  private_key      = var.private_key
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.web.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate.imported.arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_lb_listener" "mutual" {
  load_balancer_arn = aws_lb.web.arn
  port              = 8443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_iam_server_certificate.old.arn

  mutual_authentication {
    mode            = "verify"
    trust_store_arn = aws_lb_trust_store.clients.arn
  }

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Not here"
      status_code  = "404"
    }
  }
}

resource "aws_lb_trust_store" "clients" {
  name                             = "clients"
  ca_certificates_bundle_s3_bucket = "certs"
  ca_certificates_bundle_s3_key    = var.bundle
}

resource "aws_lb_listener_certificate" "more" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = aws_acm_certificate.requested.arn
}

resource "aws_lb_listener_rule" "weighted" {
  listener_arn = aws_lb_listener.http.arn
  priority     = var.priority

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.app.arn
        weight = var.weight
      }

      target_group {
        arn    = aws_lb_target_group.machines.arn
        weight = 90
      }

      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }

  condition {
    path_pattern {
      values = ["/app/*", "/beta/*"]
    }
  }

  condition {
    host_header {
      values = ["*.example.com"]
    }
  }
}

resource "aws_lb_listener_rule" "every_condition" {
  listener_arn = aws_lb_listener.http.arn

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "application/json"
      message_body = "{}"
      status_code  = "200"
    }
  }

  condition {
    http_header {
      http_header_name = "X-Client"
      values           = ["mobile*"]
    }
  }

  condition {
    http_request_method {
      values = ["GET", "HEAD"]
    }
  }

  condition {
    query_string {
      key   = "version"
      value = "1"
    }
  }

  condition {
    source_ip {
      values = ["10.0.0.0/8"]
    }
  }

  depends_on = [aws_lb_listener_rule.weighted]
}

resource "aws_lb_listener_rule" "login" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 5

  action {
    type = "authenticate-oidc"

    authenticate_oidc {
      authorization_endpoint = "https://idp.example.com/authorize"
      client_id              = "client"
      client_secret          = "secret"
      issuer                 = "https://idp.example.com"
      token_endpoint         = "https://idp.example.com/token"
      user_info_endpoint     = "https://idp.example.com/me"
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }

  condition {
    path_pattern {
      values = ["/login"]
    }
  }
}

data "aws_lb" "web" {
  name       = "web"
  depends_on = [aws_lb.web]
}

output "name" {
  value = data.aws_lb.web.dns_name
}

output "account" {
  value = data.aws_caller_identity.current.account_id
}
