/* location.c: nodes and where they are. There is one node; what is asked of another place finds none.
 *
 *   LOCATION  0 = the caller's own node, whichever it is; 1 = this node; all others are unknown
 *   name      "NodeA", "///NodeA", "intime:///NodeA"; with a host: "localhost/NodeA", "intime://localhost/NodeA"
 *
 * Not emulated: other nodes. ADR 0046 says what the help pages leave open.
 */
#include <string.h>

#include "bits.h"
#include "kernel.h"

#define NAME_LONGEST   63u
#define NODE_INFO_SIZE 88u
/* As a node that shares its host (ADR 0044). */
#define CLASS_WINDOWS_HOST 1u
#define SUBCLASS_SHARED    1u

static const char node_name[] = "NodeA", host_name[] = "localhost";

bool location_here(uint32_t location)
{
    return location == LOCATION_THIS || location == LOCATION_NODE;
}

/* --- GetFirstRtLocation(), GetNextRtLocation(location) --- */

uint32_t vrfy_GetFirstRtLocation(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_GetFirstRtLocation(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = LOCATION_NODE;
}

uint32_t vrfy_GetNextRtLocation(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return location_here(c->arg[0]) ? E_EXIST : E_INVALID_ADDRESS;
}

/* Not reached: nothing comes after the only one. */
void impl_GetNextRtLocation(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
}

/* --- GetRtNodeLocationByName(name) --- */

static bool begins(const char **at, const char *with)
{
    size_t n = strlen(with);
    if (strncmp(*at, with, n) != 0) return false;
    *at += n;
    return true;
}

static bool names_this_node(const char *name)
{
    bool url = begins(&name, "intime://");
    if (!url && begins(&name, "//")) url = true;
    const char *slash = strchr(name, '/');
    if (!slash) return !url && !strcmp(name, node_name);
    size_t host = (size_t)(slash - name);
    bool here = host == 0 ? url : host == sizeof host_name - 1 && !memcmp(name, host_name, host);
    return here && !strcmp(slash + 1, node_name);
}

uint32_t vrfy_GetRtNodeLocationByName(struct rt_kernel *k, struct call *c)
{
    (void)k;
    if (c->str_reach != RT_REACH_OK) return E_BAD_ADDR;
    if (c->str_length == 0 || c->str_length > NAME_LONGEST) return E_PARAM;
    return names_this_node(c->str) ? E_OK : E_INVALID_ADDRESS;
}

void impl_GetRtNodeLocationByName(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = LOCATION_NODE;
}

/* --- GetRtNodeInfo(location, info) ---
 * +0 location, +4 name in 64 bytes, +68 node id, class, subclass, type of its network address, +72 that address in 16 */

uint32_t vrfy_GetRtNodeInfo(struct rt_kernel *k, struct call *c)
{
    if (!location_here(c->arg[0])) return E_INVALID_ADDRESS;
    return call_writable(k, c->arg[1], NODE_INFO_SIZE);
}

void impl_GetRtNodeInfo(struct rt_kernel *k, struct call *c)
{
    uint8_t info[NODE_INFO_SIZE] = {0};
    put32(info, LOCATION_NODE);
    memcpy(info + 4, node_name, sizeof node_name);
    info[69] = CLASS_WINDOWS_HOST;
    info[70] = SUBCLASS_SHARED;
    call_put(k, c->arg[1], info, sizeof info);
    c->eax = 1;
}

/* --- GetRtNodeStatus(location): the status is the result --- */

uint32_t vrfy_GetRtNodeStatus(struct rt_kernel *k, struct call *c)
{
    (void)k;
    (void)c;
    return E_OK;
}

void impl_GetRtNodeStatus(struct rt_kernel *k, struct call *c)
{
    (void)k;
    c->eax = location_here(c->arg[0]) ? E_OK : E_EXIST;
}

/* --- GetRemoteRootRtProcess(location): the handle that the root process has here --- */

uint32_t vrfy_GetRemoteRootRtProcess(struct rt_kernel *k, struct call *c)
{
    (void)k;
    return location_here(c->arg[0]) ? E_OK : E_INVALID_ADDRESS;
}

void impl_GetRemoteRootRtProcess(struct rt_kernel *k, struct call *c)
{
    c->eax = k->root->handle;
}
