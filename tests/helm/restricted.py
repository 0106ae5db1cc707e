"""What Pod Security's level "restricted" forbids, by its page in Kubernetes' documentation ("Pod
Security Standards"): the findings for one pod's spec."""

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
           "projected", "secret"}


def findings(spec):
    pod = spec.get("securityContext", {})
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield field
    if pod.get("sysctls"):
        yield "sysctls"
    for volume in spec.get("volumes", []):
        kinds = set(volume) - {"name"}
        if not kinds <= VOLUMES:
            yield f"volume {volume['name']} of {kinds}"
    for container in spec.get("initContainers", []) + spec["containers"]:
        own = container.get("securityContext", {})
        said = {**pod, **own}
        name = container["name"]
        if own.get("privileged"):
            yield f"{name}: privileged"
        if own.get("allowPrivilegeEscalation") is not False:
            yield f"{name}: allowPrivilegeEscalation"
        if said.get("runAsNonRoot") is not True:
            yield f"{name}: runAsNonRoot"
        if said.get("runAsUser") == 0:
            yield f"{name}: runAsUser 0"
        capabilities = own.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"]:
            yield f"{name}: keeps capabilities"
        if set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
            yield f"{name}: adds capabilities"
        if said.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield f"{name}: seccompProfile"
        if any(port.get("hostPort") for port in container.get("ports", [])):
            yield f"{name}: hostPort"
