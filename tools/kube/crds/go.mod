// The operators whose kinds a cell's objects are of: the tests apply the CRDs that lie in these modules.
// Nothing is built from them. The versions are the ones that components/kubernetes installs or asks for.
module cellfleet/tools/kube/crds

go 1.26.7

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/cloudnative-pg/cloudnative-pg v1.30.0
	github.com/cloudnative-pg/plugin-barman-cloud v0.15.0
	github.com/envoyproxy/gateway v1.9.1
	github.com/prometheus-operator/prometheus-operator v0.85.0
	github.com/rook/rook v1.18.8
	sigs.k8s.io/external-dns v0.20.0
	sigs.k8s.io/gateway-api v1.6.1
)
