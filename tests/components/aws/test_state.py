"""What holds an AWS cell's state: its database, its bucket, their copies and their standby."""

from __future__ import annotations

from tests.components.aws.recorded import CELL, OTHER_ACCOUNT, as_declared, recorded, statements, with_standby

SNAPSHOT_DAYS = 35


def test_the_database_is_encrypted_backed_up_and_guarded() -> None:
    database = as_declared().one("rds/cluster:Cluster").inputs
    assert database["storageEncrypted"]
    assert "kmsKeyId" in database
    assert database["manageMasterUserPassword"]
    assert "masterUserSecretKmsKeyId" in database
    assert database["backupRetentionPeriod"] == SNAPSHOT_DAYS
    assert database["deletionProtection"]
    assert not database["skipFinalSnapshot"]


def test_its_instances_are_the_classs_and_spread_over_zones() -> None:
    large = recorded({f"cells.{CELL}.class": "large"}).of("rds/clusterInstance:ClusterInstance")
    assert {one.inputs["availabilityZone"] for one in large} == {"us-west-2a", "us-west-2b", "us-west-2c"}
    assert {one.inputs["instanceClass"] for one in large} == {"db.r7g.4xlarge"}
    assert not any(one.inputs["publiclyAccessible"] for one in large)
    small = as_declared().of("rds/clusterInstance:ClusterInstance")
    assert [one.inputs["availabilityZone"] for one in small] == ["us-west-2a", "us-west-2b"]


def test_it_speaks_tls_only_and_to_the_cells_nodes_and_pods_only() -> None:
    resources = as_declared()
    parameters = resources.one("rds/clusterParameterGroup:ClusterParameterGroup").inputs["parameters"]
    assert {"name": "rds.force_ssl", "value": "1"} in parameters
    (rule,) = [
        r for r in resources.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule") if r.inputs["fromPort"] == 5432
    ]
    assert "referencedSecurityGroupId" in rule.inputs
    assert "cidrIpv4" not in rule.inputs


def test_its_log_group_is_there_before_aurora_would_make_one() -> None:
    resources = as_declared()
    database = resources.one("rds/cluster:Cluster")
    logs = resources.one("cloudwatch/logGroup:LogGroup", "database-logs")
    assert logs.inputs["name"] == f"/aws/rds/cluster/{database.inputs['clusterIdentifier']}/postgresql"
    assert logs.urn in database.dependencies


def test_buckets_are_private_versioned_encrypted_and_answer_tls_only() -> None:
    resources = with_standby()
    buckets = len(resources.of("s3/bucket:Bucket"))
    assert buckets == 3
    blocks = resources.of("s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert len(blocks) == buckets
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(block.inputs[flag] for block in blocks for flag in flags)
    versioning = resources.of("s3/bucketVersioning:BucketVersioning")
    assert [one.inputs["versioningConfiguration"]["status"] for one in versioning] == ["Enabled"] * buckets
    for encryption in resources.of(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ):
        (rule,) = encryption.inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert len(resources.of("s3/bucketPolicy:BucketPolicy")) == buckets


def test_replication_waits_for_versioning_on_both_ends_and_for_its_permission() -> None:
    resources = as_declared()
    replication = resources.one("s3/bucketReplicationConfig:BucketReplicationConfig")
    needed = {r.urn for r in resources.of("s3/bucketVersioning:BucketVersioning")}
    needed.add(resources.one("iam/rolePolicy:RolePolicy", "-replication").urn)
    assert needed <= set(replication.dependencies)


def test_a_backup_keeps_what_is_deleted_and_a_standby_follows_within_its_deadline() -> None:
    rules = with_standby().one("s3/bucketReplicationConfig:BucketReplicationConfig").inputs["rules"]
    backup, standby = rules
    assert (backup["priority"], standby["priority"]) == (1, 2)
    assert backup["deleteMarkerReplication"] == {"status": "Disabled"}
    assert standby["deleteMarkerReplication"] == {"status": "Enabled"}
    assert "replicationTime" not in backup["destination"]
    assert standby["destination"]["replicationTime"]["time"] == {"minutes": 15}


def test_each_day_a_snapshot_is_taken_and_copied_elsewhere() -> None:
    resources = as_declared()
    (rule,) = resources.one("backup/plan:Plan").inputs["rules"]
    assert rule["lifecycle"] == {"deleteAfter": SNAPSHOT_DAYS}
    assert [copy["lifecycle"] for copy in rule["copyActions"]] == [{"deleteAfter": SNAPSHOT_DAYS}]
    here, there = resources.of("backup/vault:Vault")
    assert (resources.region_of(here), resources.region_of(there)) == ("us-west-2", "us-east-1")


def test_another_account_lets_the_cells_copies_in_and_nothing_else() -> None:
    resources = recorded(OTHER_ACCOUNT)
    (statement,) = statements(resources.one("backup/vaultPolicy:VaultPolicy").inputs["policy"])
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert statement["Action"] == "backup:CopyIntoBackupVault"
    (destination,) = [
        rule["destination"]
        for rule in resources.one("s3/bucketReplicationConfig:BucketReplicationConfig").inputs["rules"]
    ]
    assert destination["account"] == "222222222222"
    assert destination["accessControlTranslation"] == {"owner": "Destination"}


def test_a_standby_follows_the_database_in_a_network_of_its_own() -> None:
    resources = with_standby()
    follower = resources.one("rds/cluster:Cluster", "standby-database")
    assert resources.region_of(follower) == "us-east-2"
    assert "globalClusterIdentifier" in follower.inputs
    assert "masterUsername" not in follower.inputs
    assert resources.region_of(resources.one("rds/globalCluster:GlobalCluster")) == "us-west-2"
    assert resources.region_of(resources.one("ec2/vpc:Vpc", "standby-vpc")) == "us-east-2"
    zones = {s.inputs["availabilityZone"] for s in resources.of("ec2/subnet:Subnet") if "standby" in s.name}
    assert zones == {"us-east-2a", "us-east-2b"}


def test_a_replicated_databases_password_is_made_once_and_kept_secret() -> None:
    resources = with_standby()
    database = resources.one("rds/cluster:Cluster", f"{CELL}-database")
    assert "manageMasterUserPassword" not in database.inputs
    assert "masterPassword" in database.secrets
    version = resources.one("secretsmanager/secretVersion:SecretVersion")
    assert "secretString" in version.secrets
    assert version.ignore_changes == ("secretString",)
