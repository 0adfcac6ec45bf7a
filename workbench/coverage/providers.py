"""What belongs to providers themselves: records of every customer name it, and its log is nobody's to ask for."""

from __future__ import annotations

_AWS_SERVICES = (
    # Elastic Load Balancing, "Enable access logs": accounts that bucket policies let in.
    "127311923021 033677994240 027434742980 797873946194 985666609251 054676820928 156460612806 652711504416"
    " 009996457667 582318560864 600734575887 383597477331 114774131450 783225319266 718504428378 507241528517"
    " 048591011584 638102146993 037604701340"
    # Amazon Redshift, "Database audit logging".
    " 193672423079 391106570357 262260360010 902366379725 865932855811 760740231472 361669875840 762762565011"
    " 404641285394 660998842044 907379612154 053454850223 210876761215 307160386991 915173422425 075028567923"
    # AWS CloudTrail, "Supported Regions": accounts of the service before it had a principal.
    " 475085895292 086441151436 388731089494 113285607260 819402241893 977081816279 765225791966 492519147666"
    " 903692715234 284668455005 216624486486 681348832753 035351147821 859597730677 282025262664 262312530599"
    " 814480443879 525921808201 119688915426 582488909970 069019280451 187074758985 193415116832 453052556044"
    " 829690693026 669305197877 757211635381 585772288577 034638983726 886388586500 608710470296"
    # Amazon EKS, "View Amazon container image registries for Amazon EKS add-ons".
    " 013241004608 066635153087 151742754352 296578399912 455263428931 491585149902 558608220178 590381155156"
    " 602401143452 759879836304 800184023465 877085696533 900612956339 900889452093 918309763551 961992271922"
    # AWS Billing, "Detailed billing reports".
    " 386209384616"
)
AWS_SERVICES = frozenset(_AWS_SERVICES.split())
"""Accounts of AWS services, as their user guides list them."""

_MICROSOFTS_OWN = (
    # "Verify first-party Microsoft applications in sign-in reports": Microsoft Services, Microsoft.
    "f8cdef31-a31e-4b4a-93e4-5f571e91255a 72f988bf-86f1-41af-91ab-2d7cd011db47"
    # "ID token claims reference": the tenant of personal accounts.
    " 9188040d-6c67-4c5b-b112-36a304b66dad"
    # No tenant.
    " 00000000-0000-0000-0000-000000000000"
)
MICROSOFTS_OWN = frozenset(_MICROSOFTS_OWN.split())
"""Tenants of Microsoft, small letters."""

_GOOGLES_OWN = (
    # Compute Engine, "Operating system details": projects of public images.
    "debian-cloud centos-cloud cos-cloud fedora-coreos-cloud rhel-cloud rhel-sap-cloud rocky-linux-cloud suse-cloud"
    " suse-sap-cloud opensuse-cloud ubuntu-os-cloud ubuntu-os-pro-cloud windows-cloud windows-sql-cloud"
    # GKE and BigQuery: images of nodes, public data.
    " gke-node-images gke-release google-containers bigquery-public-data"
)
GOOGLES_OWN = frozenset(_GOOGLES_OWN.split())
"""Projects of Google that everybody reads from."""

GITHUBS_OWN = frozenset({"actions", "github"})
"""Organisations of GitHub itself."""
