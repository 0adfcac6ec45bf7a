"""Roles, keys and resources that several parts of the story name."""

from __future__ import annotations

from shapes.cloudtrail import Role

from northwind import world
from northwind.world import EAST, MAIN, PROD

OPERATIONS = Role(MAIN, "NorthwindOperations")
"""What people become who sign in through SAML."""
DEPLOY_ADMIN = Role(MAIN, "deploy-admin")
"""The role that the attack opens to an outside account."""
HARBOUR_DEPLOY = Role(PROD, "harbour-deploy")
"""What deployments become in the production account."""
APP_SERVER = Role(MAIN, "app-server")
"""The application server's own role."""

BACKUP_KEY = world.access_key("AKIA", MAIN, "svc-backup/1")
"""The key that the attack makes for itself."""
PROD_KMS = f"arn:aws:kms:{EAST}:{PROD}:key/{world.uuid('kms/prod')}"
TRAIL_ARN = f"arn:aws:cloudtrail:{EAST}:{MAIN}:trail/{world.TRAIL}"
