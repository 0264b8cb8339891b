
from stellwerk.testing import Cast


def test_page_answers(cast: Cast, django_assert_max_num_queries):
    client = cast.client("petra")
    response = client.get("/people/?group=unit&q=brandt&fte__from=0,5&exit_date__when=next30&role=x&bogus=1")
    assert response.status_code == 200
    response = client.get("/people/?group=unit&sort=-fte,employment_type")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Petra Brandt" in html
    for form in ("csv", "xlsx"):
        response = client.get(f"/people/?export={form}")
        assert response.status_code == 200
        body = b"".join(response.streaming_content)
        assert len(body) > 200
    person = cast.people["paul"]
    response = client.get(f"/lists/people.person/{person.pk}/fte", headers={"HX-Request": "true"})
    assert response.status_code == 200
