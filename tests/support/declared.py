"""Documents as values: what a workspace and its manifests declare, without files."""

from launcher.engine.spec import Scope
from launcher.model.documents import Environment, ManifestDocument, WorkspaceDocument

__all__ = ["SCOPE", "a_manifest", "a_workspace"]

SCOPE = Scope("biz", "2")


def a_workspace(*, marker=None, allowed_scopes=(), **defaults):
    names = ("sandbox", "production")
    return WorkspaceDocument(
        path="launcher.yaml",
        name="payments",
        manifests=("plans/**/*.yaml",),
        default_environment="sandbox",
        environments={
            name: Environment(name, "sandbox", SCOPE, allowed_scopes=allowed_scopes)
            for name in names
        },
        marker=marker,
        defaults=defaults,
    )


def a_manifest(name="web-deploy", environments=None, title=None, renamed_from=None, **spec):
    data = {"metadata": {"name": name}, "spec": {"plan": {"id": 1000}, **spec}}
    if title is not None:
        data["metadata"]["title"] = title
    if renamed_from is not None:
        data["metadata"]["renamedFrom"] = renamed_from
    if environments is not None:
        data["environments"] = environments
    return ManifestDocument(f"plans/{name}.yaml", data, 4)
