"""The checks of CAP, in the order of their rules."""

from __future__ import annotations

from typing import Final

from policies.capacity import rules
from policies.capacity.addresses import cells_fit_their_ranges
from policies.capacity.counts import granted_quotas_are_known
from policies.capacity.growth import room_lasts_a_lead_time
from policies.capacity.load import cells_are_not_full, peaks_leave_room
from policies.capacity.loss import a_cell_can_be_lost, dedicated_cells_have_a_standby
from policies.capacity.share import localities_have_a_second_cell, no_cell_is_too_great
from policies.capacity.tenants import no_tenant_is_too_great
from policies.capacity.waves import waves_are_small
from policies.capacity.zones import cells_are_in_two_zones
from policies.rule import Family

CAPACITY: Final = Family(
    "CAP",
    "there is room",
    rules.RULES,
    fleet=(
        cells_are_not_full,
        peaks_leave_room,
        a_cell_can_be_lost,
        dedicated_cells_have_a_standby,
        no_cell_is_too_great,
        no_tenant_is_too_great,
        granted_quotas_are_known,
        cells_are_in_two_zones,
        room_lasts_a_lead_time,
        cells_fit_their_ranges,
        localities_have_a_second_cell,
        waves_are_small,
    ),
)
