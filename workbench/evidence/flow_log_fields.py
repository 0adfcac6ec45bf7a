"""Names of the fields of AWS flow logs: their files begin with a line of these names, separated by spaces.

Amazon VPC user guide, "Flow log records" (available fields), and AWS Transit Gateway guide, "Transit Gateway Flow Log
records". A custom format may hold any of them in any order.
"""

from __future__ import annotations

_NAMES = """
    version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
    vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id
    pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path
    ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id
    ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id
    reject-reason resource-id encryption-status
    resource-type tgw-id tgw-attachment-id tgw-pair-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id
    tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni
    tgw-src-az-id tgw-dst-az-id packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded
    packets-lost-ttl-expired
"""

FLOW_LOG_FIELDS = frozenset(_NAMES.split())
"""Every field that AWS documents."""

_FEWEST = 2
"""Names that a header line needs."""


def is_header(names: list[str]) -> bool:
    """Tell whether the fields of a space-separated line are a flow log's header: all known, each once."""
    return len(names) >= _FEWEST and len(set(names)) == len(names) and FLOW_LOG_FIELDS.issuperset(names)
