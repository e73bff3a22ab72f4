"""What a project has to be before anything is made in it: its APIs switched on, and Google's own agents known.

Google's services act in a project as service agents, and a key that protects a bucket or a database has to let the
agent in. An agent exists from the moment that it is asked for, so asking comes first.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_gcp as gcp

_APIS: Final = (
    "billingbudgets",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "container",
    "dns",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "pubsub",
    "servicenetworking",
    "sqladmin",
    "storage",
    "storagetransfer",
    "sts",
)


class Project(pulumi.ComponentResource):
    """A project's APIs and service agents."""

    number: pulumi.Output[str]
    sql_agent: pulumi.Output[str]
    storage_agent: pulumi.Output[str]
    """These, like the rest, as IAM members: `serviceAccount:...`."""
    transfer_agent: pulumi.Output[str]
    logging_agent: pulumi.Output[str]
    nodes_agent: pulumi.Output[str]
    """Compute Engine's, which attaches the nodes' disks."""
    cluster_agent: pulumi.Output[str]
    """GKE's, which encrypts Kubernetes secrets."""

    def __init__(self, cell: str, *, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cellfleet:gcp:Project", f"{cell}-project", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # An API stays on when the cell goes: switching one off deletes what others may have made with it.
        apis = {
            api: gcp.projects.Service(
                f"{cell}-{api}", service=f"{api}.googleapis.com", disable_on_destroy=False, opts=child
            )
            for api in _APIS
        }
        ready = pulumi.Output.all(*(api.id for api in apis.values()))
        project = pulumi.Output.all(apis["compute"].project, ready).apply(lambda known: str(known[0]))
        sql = gcp.projects.ServiceIdentity(
            f"{cell}-sql-agent",
            service="sqladmin.googleapis.com",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[apis["sqladmin"]]),
        )
        within = pulumi.InvokeOptions(parent=self)
        storage = gcp.storage.get_project_service_account_output(project=project, opts=within)
        transfer = gcp.storage.get_transfer_project_service_account_output(project=project, opts=within)
        logs = gcp.logging.get_project_cmek_settings_output(project=project, opts=within)
        # service-NUMBER@gcp-sa-cloud-sql.iam.gserviceaccount.com
        self.number = sql.email.apply(lambda email: email.partition("@")[0].removeprefix("service-"))
        self.sql_agent = sql.member
        self.storage_agent = storage.member
        self.transfer_agent = transfer.member
        self.logging_agent = pulumi.Output.concat("serviceAccount:", logs.service_account_id)
        agent = "serviceAccount:service-{0}@{1}.iam.gserviceaccount.com"
        self.nodes_agent = pulumi.Output.format(agent, self.number, "compute-system")
        self.cluster_agent = pulumi.Output.format(agent, self.number, "container-engine-robot")
        self.register_outputs({})
