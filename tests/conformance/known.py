"""Published tests of 7.10.2 that the real 7.17.3 fails too, each with what differs there.

They are counted apart: to pass them would be to answer unlike the version that we say we are.
"""
KNOWN = {
    "cat.nodes/10_basic/Test cat nodes output": "node roles grew",
    "cat.plugins/10_basic/Help": "a column `type` came",
    "cat.snapshots/10_basic/Help": "a column `repository` came",
    "cat.snapshots/10_basic/Test cat snapshots output": "a column `repository` came",
    "cat.templates/10_basic/Sort templates": "no empty line between rows",
    "cat.templates/10_basic/Multiple template": "no empty line after rows",
    "delete/70_mix_typeless_typeful/DELETE with typeless API on an index that has types":
        "another reason: Invalid type: expecting [...] but got [...]",
    "indices.create/20_mix_typeless_typeful/Implicitly create a typed index while there is a "
    "typeless template": "another reason: Invalid type: expecting [...] but got [...]",
    "indices.flush/10_basic/Index synced flush rest test": "another deprecation warning",
    "nodes.info/10_basic/node_info role test": "node roles grew",
    "search/110_field_collapsing/field collapsing and search_after": "it is allowed there",
    "search/30_limits/Docvalues_fields size limit": "another message",
    "search.aggregation/10_histogram/date_histogram profiler": "another aggregator's name",
    "search.aggregation/20_terms/string profiler via global ordinals":
        "another aggregator's name",
}
