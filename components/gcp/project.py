"""A project on GCP: the APIs that have to be on, and Google's own service agents, which use its keys.

Two APIs have to be on before the first deploy, for the others are turned on through them: Service Usage and Cloud
Resource Manager.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_gcp import logging, projects

APIS: Final = (
    "billingbudgets", "cloudkms", "cloudresourcemanager", "compute", "container", "dns", "iam", "iamcredentials",
    "logging", "monitoring", "publicca", "pubsub", "servicenetworking", "sqladmin", "storage", "storagetransfer", "sts",
)  # fmt: skip
"""Those of a cell."""

# https://cloud.google.com/iam/docs/service-agents; rechecked in what others grant to them were those of sqladmin and
# storagetransfer only. `{}` is the project's number.
_AGENTS: Final[Mapping[str, str]] = {
    "compute": "service-{}@compute-system.iam.gserviceaccount.com",
    "container": "service-{}@container-engine-robot.iam.gserviceaccount.com",
    "firestore": "service-{}@gcp-sa-firestore.iam.gserviceaccount.com",
    "sqladmin": "service-{}@gcp-sa-cloud-sql.iam.gserviceaccount.com",
    "storage": "service-{}@gs-project-accounts.iam.gserviceaccount.com",
    "storagetransfer": "project-{}@storage-transfer-service.iam.gserviceaccount.com",
}
_MADE_WITH_ITS_API: Final = "compute"
"""The one agent that the Service Usage API refuses to make, for enabling the API has made it."""
_TELL_THE_NUMBER: Final = ("sqladmin", "firestore")
"""Of some agents the API does not tell the address (storage, logging); of these it does."""
_NUMBER: Final = re.compile(r"-([0-9]+)@")


class Project(pulumi.ComponentResource):
    """The APIs and the agents of one project; `ready` is what everything else in it is made after."""

    ready: tuple[pulumi.Resource, ...]
    number: pulumi.Output[str]

    def __init__(
        self, name: str, project: str, opts: pulumi.ResourceOptions | None = None, *, apis: Sequence[str] = APIS
    ) -> None:
        """One of `apis` has to be among those whose agent tells the project's number: sqladmin, firestore."""
        super().__init__("cellfleet:gcp:Project", name, {"project": project}, opts)
        on = {
            api: projects.Service(
                f"{name}-api-{api}",
                project=project,
                service=f"{api}.googleapis.com",
                # Not turned off with the cell: turning an API off deletes what others made with it.
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for api in apis
        }
        agents = {
            api: projects.ServiceIdentity(
                f"{name}-agent-{api}",
                project=project,
                service=f"{api}.googleapis.com",
                opts=pulumi.ResourceOptions(parent=self, depends_on=[on[api]]),
            )
            for api in _AGENTS
            if api in on and api != _MADE_WITH_ITS_API
        }
        if "logging" in on:
            # Not Cloud Logging's agent encrypts log buckets, but an account that only this call tells, and makes.
            self._logs = logging.get_project_cmek_settings_output(
                project=project, opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[on["logging"]])
            )
        self.number = next(agents[api] for api in _TELL_THE_NUMBER if api in agents).email.apply(_number)
        self.ready = (*on.values(), *agents.values())
        self.register_outputs({})

    def agent(self, api: str) -> pulumi.Output[str]:
        """The agent of an API, as a member of an IAM policy."""
        if api == "logging":
            return self._logs.service_account_id.apply(lambda email: f"serviceAccount:{email}")
        return self.number.apply(lambda number: f"serviceAccount:{_AGENTS[api].format(number)}")


def _number(email: str) -> str:
    found = _NUMBER.search(email)
    if found is None:
        raise ValueError(f"the service agent {email!r} does not say its project's number")
    return found.group(1)
