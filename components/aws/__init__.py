"""A cell on AWS: one account, one VPC, EKS, Aurora PostgreSQL and S3."""
