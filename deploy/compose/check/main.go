// Checks Compose files with the reference parser (compose-go, the one of Docker Compose), and what holds for every service here:
// a read-only root without capabilities, limits, a restart policy, only loopback ports, nothing of the host mounted writable, and
// a health check on whatever another service or a person waits for.
//
//	check FILE...
//
// Prints what is wrong, one line each; exit code 1 if anything is.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func load(files []string) (*types.Project, error) {
	options, err := cli.NewProjectOptions(files, cli.WithOsEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

// problems of one service, without its name.
func problems(project *types.Project, service types.ServiceConfig) (found []string) {
	complain := func(format string, arguments ...any) { found = append(found, fmt.Sprintf(format, arguments...)) }
	if !service.ReadOnly {
		complain("read_only is not set")
	}
	if !slices.Equal(service.CapDrop, []string{"ALL"}) || len(service.CapAdd) > 0 || service.Privileged {
		complain("has capabilities")
	}
	if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
		complain("security_opt lacks no-new-privileges")
	}
	if service.Restart == "" {
		complain("has no restart policy")
	}
	if service.Deploy == nil || service.Deploy.Resources.Limits == nil ||
		service.Deploy.Resources.Limits.MemoryBytes == 0 || service.Deploy.Resources.Limits.NanoCPUs == 0 || service.Deploy.Resources.Limits.Pids == 0 {
		complain("lacks a limit: deploy.resources.limits has cpus, memory and pids")
	}
	for _, port := range service.Ports {
		if port.HostIP != "127.0.0.1" {
			complain("port %d is published on %q, not only on 127.0.0.1", port.Target, port.HostIP)
		}
	}
	if len(service.Ports) > 0 && service.HealthCheck == nil {
		complain("publishes a port and has no health check")
	}
	for _, volume := range service.Volumes {
		if volume.Type == types.VolumeTypeBind && !volume.ReadOnly {
			complain("%s of the host is mounted writable", volume.Source)
		}
	}
	for name, dependency := range service.DependsOn {
		if dependency.Condition == types.ServiceConditionStarted {
			complain("waits only until %s has started: name a condition", name)
		}
		if dependency.Condition == types.ServiceConditionHealthy && project.Services[name].HealthCheck == nil {
			complain("waits for the health of %s, which has no health check", name)
		}
	}
	return found
}

func main() {
	project, err := load(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bad := 0
	for _, name := range project.ServiceNames() {
		for _, problem := range problems(project, project.Services[name]) {
			fmt.Fprintf(os.Stderr, "%s: %s\n", name, problem)
			bad++
		}
	}
	if bad > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d services, %d volumes\n", len(project.Services), len(project.Volumes))
}
