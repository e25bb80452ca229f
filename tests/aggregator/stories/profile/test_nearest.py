"""The nearest topic of a text that is sure of none. The texts are invented."""

from __future__ import annotations

import pytest

from aggregator.stories.profile.nearest import nearest

UNSURE = {"World": 0.17, "Politics": 0.19, "Culture": 0.18}
WITH_INCIDENTS = {**UNSURE, "Incidents": 0.1}


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Mine collapse kills a hundred", "Rescuers search for survivors after an explosion.", "en"),
        ("Hundert Tote bei Explosion", "Opfer nach dem Einsturz geborgen, die Katastrophe dauert an.", "de"),
        ("Взрыв: погибли сто человек", "После обрушения ищут жертвы.", "ru"),
    ],
)
def test_disasters_are_incidents_and_else_about_the_world(title: str, text: str, language: str) -> None:
    found = nearest(WITH_INCIDENTS, title, text, language)
    assert found is not None
    assert found[0] == "Incidents"
    found = nearest(UNSURE, title, text, language)
    assert found is not None
    assert found[0] == "World"


def test_what_is_far_from_all_topics_has_none() -> None:
    assert nearest(UNSURE, "A bench was painted", "It is green now.", "en") is None
    assert nearest({}, "Mine collapse kills a hundred", "", "en") is None


def test_a_topic_that_the_configuration_leaves_out_is_not_given() -> None:
    assert nearest({"Culture": 0.18}, "Mine collapse kills a hundred in explosion", "", "en") is None
